'use client'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { Field, NumberInput, Select } from '#components/ui/field.tsx'
import {
  type Fault,
  type Faults,
  type Parameter,
  type ScheduleFields,
  scheduleKinds,
  scheduleParameters,
} from './form.ts'

/** The words for what is wrong with a field. */
export function useFaultText(): (fault: Fault | undefined) => string | null {
  const t = useTranslations('fault')
  const f = useFormat()
  return (fault) => {
    if (fault === undefined) return null
    return fault.kind === 'tooBig' ? t('tooBig', { max: f.count(fault.max) }) : t(fault.kind)
  }
}

const units: Readonly<Record<Parameter, 'perSecond' | 'seconds' | 'messages' | 'times'>> = {
  perSecond: 'perSecond',
  seconds: 'seconds',
  size: 'messages',
  everySeconds: 'seconds',
  daySeconds: 'seconds',
  speed: 'times',
}

interface Props {
  fields: ScheduleFields
  faults: Faults
  onChange: (fields: ScheduleFields) => void
}

/** When each message is sent: the kind and its parameters. */
export function ScheduleInputs({ fields, faults, onChange }: Props) {
  const t = useTranslations('schedule')
  const fault = useFaultText()
  return (
    <div className="grid grid-cols-2 gap-3">
      <Field
        label={t('label')}
        hint={t(`hint.${fields.kind}`)}
        className={scheduleParameters[fields.kind].length === 1 ? '' : 'col-span-2'}
      >
        {(control) => (
          <Select
            {...control}
            value={fields.kind}
            onChange={(event) => {
              const kind = scheduleKinds.find((k) => k === event.target.value)
              if (kind !== undefined) onChange({ ...fields, kind })
            }}
          >
            {scheduleKinds.map((kind) => (
              <option key={kind} value={kind}>
                {t(`kind.${kind}`)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {scheduleParameters[fields.kind].map((name) => (
        <Field key={name} label={t(`parameter.${name}`)} error={fault(faults[name])}>
          {(control) => (
            <NumberInput
              {...control}
              unit={t(`unit.${units[name]}`)}
              min={0}
              step="any"
              value={fields[name]}
              onChange={(event) => onChange({ ...fields, [name]: event.target.value })}
            />
          )}
        </Field>
      ))}
    </div>
  )
}
