'use client'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useServerNow } from '#components/live/provider.tsx'
import { Field, Input, Select } from '#components/ui/field.tsx'

const beginnings = ['newest', 'minutes', 'hour', 'start', 'time'] as const
type Beginning = (typeof beginnings)[number]

const minute = 60_000

/** As the browser's own control for a time writes it: in the browser's zone, without naming it. */
function localTime(at: number): string {
  const shifted = new Date(at - new Date(at).getTimezoneOffset() * minute)
  return shifted.toISOString().slice(0, 19)
}

interface LogSinceProps {
  /** When the service was started; null where it does not run. */
  startedAt: number | null
  /** ms since the epoch; null for the newest lines. */
  onChange: (since: number | null) => void
}

/** From when on a log is shown. */
export function LogSince({ startedAt, onChange }: LogSinceProps) {
  const t = useTranslations('log')
  const now = useServerNow() ?? Date.now()
  const [beginning, setBeginning] = useState<Beginning>('newest')
  const [time, setTime] = useState('')
  const choose = (chosen: Beginning) => {
    setBeginning(chosen)
    const since = {
      newest: null,
      minutes: now - 5 * minute,
      hour: now - 60 * minute,
      start: startedAt,
      time: now - 5 * minute,
    }
    setTime(localTime(now - 5 * minute))
    onChange(since[chosen])
  }
  return (
    <>
      <Field label={t('since')} className="w-44 max-md:w-full">
        {(control) => (
          <Select
            {...control}
            value={beginning}
            onChange={(event) => {
              const chosen = beginnings.find((b) => b === event.target.value)
              if (chosen !== undefined) choose(chosen)
            }}
          >
            {beginnings.map((b) => (
              <option key={b} value={b} disabled={b === 'start' && startedAt === null}>
                {t(`beginning.${b}`)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {beginning === 'time' && (
        <Field label={t('time')} className="w-52 max-md:w-full">
          {(control) => (
            <Input
              {...control}
              type="datetime-local"
              step={1}
              value={time}
              onChange={(event) => {
                setTime(event.target.value)
                const at = Date.parse(event.target.value)
                if (!Number.isNaN(at) && at >= 0) onChange(at)
              }}
            />
          )}
        </Field>
      )}
    </>
  )
}
