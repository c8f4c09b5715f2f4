'use client'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { Field, NumberInput } from '#components/ui/field.tsx'
import type { Fault } from './form.ts'
import { useFaultText } from './schedule-fields.tsx'

interface LimitFieldProps {
  hint: ReactNode
  /** As typed; empty for no limit. */
  value: string
  fault: Fault | undefined
  onChange: (value: string) => void
  className?: string
}

/** How many messages a run sends in all. */
export function LimitField({ hint, value, fault, onChange, className }: LimitFieldProps) {
  const t = useTranslations('replay')
  const unit = useTranslations('schedule.unit')
  const faultText = useFaultText()
  return (
    <Field label={t('limit')} hint={hint} error={faultText(fault)} className={className}>
      {(control) => (
        <NumberInput
          {...control}
          unit={unit('messages')}
          min={1}
          step={1}
          placeholder={t('all')}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}
