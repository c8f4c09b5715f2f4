'use client'
import { ChevronDown, ChevronUp } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { IconButton } from '#components/ui/button.tsx'
import { Field, Input } from '#components/ui/field.tsx'

interface LogSearchProps {
  text: string
  /** Lines that hold the text. */
  found: number
  /** Which of them is in sight, from 0; null before the first step. */
  at: number | null
  onText: (text: string) => void
  onStep: (step: 1 | -1) => void
}

/** Plain text: Enter goes on, Shift+Enter back. */
export function LogSearch({ text, found, at, onText, onStep }: LogSearchProps) {
  const t = useTranslations('log')
  const f = useFormat()
  const none = text === '' || found === 0 ? t('nothingToGoTo') : null
  return (
    <div className="flex min-w-56 flex-1 items-end gap-1">
      <Field label={t('search')} className="flex-1">
        {(control) => (
          <span className="relative block">
            <Input
              {...control}
              type="search"
              value={text}
              placeholder={t('searchHint')}
              className="pr-24"
              onChange={(event) => onText(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1)
              }}
            />
            <span
              role="status"
              className="pointer-events-none absolute inset-y-0 right-8 grid place-items-center text-xs text-ink-faint tabular-nums"
            >
              {text === ''
                ? ''
                : at === null
                  ? t('found', { count: found, shown: f.count(found) })
                  : t('foundAt', { at: f.count(at + 1), of: f.count(found) })}
            </span>
          </span>
        )}
      </Field>
      <IconButton label={t('previous')} icon={ChevronUp} blocked={none} onClick={() => onStep(-1)} />
      <IconButton label={t('next')} icon={ChevronDown} blocked={none} onClick={() => onStep(1)} />
    </div>
  )
}
