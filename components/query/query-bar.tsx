'use client'
import { Play, Square } from 'lucide-react'
import { useEffect, useId, useState } from 'react'
import { useTranslations } from 'use-intl'
import { engineNames } from '#components/engine/names.ts'
import { useFormat } from '#components/format/use-format.tsx'
import { Button } from '#components/ui/button.tsx'
import { Choice, Field, Select } from '#components/ui/field.tsx'
import { type QueryEngine, queryEngines } from '#lib/pipeline/query.ts'
import type { QueryRun } from './asking.ts'

export interface Limits {
  readonly maxRows: number
  readonly timeoutMs: number
}

const rowChoices = [100, 1_000, 5_000, 10_000]
const timeChoices = [10_000, 30_000, 60_000, 120_000]

interface QueryBarProps {
  engine: QueryEngine
  onEngine: (engine: QueryEngine) => void
  limits: Limits
  onLimits: (limits: Limits) => void
  run: QueryRun
  /** Why this session may not ask this engine. */
  refusal: string | null
  onRun: () => void
}

/** Whom to ask, how much at most, and the button. */
export function QueryBar({ engine, onEngine, limits, onLimits, run, refusal, onRun }: QueryBarProps) {
  const t = useTranslations('query')
  const f = useFormat()
  const name = useId()
  return (
    <div className="flex flex-wrap items-end gap-x-4 gap-y-3 px-4 py-3">
      <Choice
        legend={t('engine')}
        name={name}
        value={engine}
        options={queryEngines.map((value) => ({ value, label: engineNames[value] }))}
        onChange={onEngine}
      />
      <Field label={t('rows')} className="w-28">
        {(control) => (
          <Select
            {...control}
            value={limits.maxRows}
            onChange={(event) => onLimits({ ...limits, maxRows: Number(event.target.value) })}
          >
            {rowChoices.map((rows) => (
              <option key={rows} value={rows}>
                {f.count(rows)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={t('time')} className="w-28">
        {(control) => (
          <Select
            {...control}
            value={limits.timeoutMs}
            onChange={(event) => onLimits({ ...limits, timeoutMs: Number(event.target.value) })}
          >
            {timeChoices.map((ms) => (
              <option key={ms} value={ms}>
                {f.duration(ms)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <div className="ml-auto flex items-center gap-3">
        {run.isPending && <Elapsed since={run.submittedAt} />}
        {run.isPending ? (
          <Button icon={Square} onClick={run.cancel}>
            {t('cancel')}
          </Button>
        ) : (
          <Button variant="primary" icon={Play} blocked={refusal} onClick={onRun}>
            {t('run')}
          </Button>
        )}
      </div>
    </div>
  )
}

const tickMs = 100

/** Not read out: it would never stop talking. */
function Elapsed({ since }: { since: number }) {
  const f = useFormat()
  const [now, setNow] = useState(since)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), tickMs)
    return () => clearInterval(timer)
  }, [])
  return (
    <span aria-hidden="true" className="text-ink-soft">
      {f.duration(Math.max(0, now - since))}
    </span>
  )
}
