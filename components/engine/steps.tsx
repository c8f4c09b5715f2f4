'use client'
import { Check, CircleDashed, LoaderCircle, X } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { useSaid } from '#components/i18n/said.ts'
import { Meter } from '#components/ui/meter.tsx'
import { Notice } from '#components/ui/notice.tsx'
import type { PreflightFault, StackStep } from '#lib/pipeline/snapshot.ts'
import { engineIds } from '#lib/pipeline/stages.ts'
import { engineNames } from './names.ts'

const marks = {
  pending: <CircleDashed aria-hidden className="size-4 text-ink-faint" />,
  running: <LoaderCircle aria-hidden className="size-4 animate-turn text-starting" />,
  done: <Check aria-hidden className="size-4 text-up" />,
  failed: <X aria-hidden className="size-4 text-down" />,
} as const

/** What bringing the stack up consists of, with sizes and remaining time where something is fetched. */
export function Steps({ steps }: { steps: readonly StackStep[] }) {
  const t = useTranslations('stack')
  const nameOf = useStepName()
  const said = useSaid()
  return (
    <ol className="grid gap-x-6 gap-y-1.5 sm:grid-cols-2" aria-label={t('steps')}>
      {steps.map((step) => (
        <li key={step.id} className="grid grid-cols-[auto_1fr] gap-x-2">
          <span className="mt-0.5">{marks[step.state]}</span>
          <div className="min-w-0">
            <p className="flex flex-wrap gap-x-2">
              <span className="font-medium wrap-anywhere">{nameOf(step)}</span>
              <span className={step.state === 'failed' ? 'text-down' : 'text-ink-faint'}>
                {t(`step.${step.state}`)}
              </span>
            </p>
            {step.detail !== null && <p className="text-xs wrap-anywhere text-ink-soft">{said(step.detail)}</p>}
            {step.state === 'running' && step.doneBytes !== null && <Bytes step={step} />}
          </div>
        </li>
      ))}
    </ol>
  )
}

/** An engine by its name, an artifact by its id. */
function useStepName(): (step: StackStep) => string {
  const t = useTranslations('stack.stepName')
  return ({ kind, of }) => {
    const engine = engineIds.find((id) => id === of)
    return t(kind, { of: engine === undefined ? of : engineNames[engine] })
  }
}

function Bytes({ step }: { step: StackStep }) {
  const t = useTranslations('stack')
  const f = useFormat()
  const nameOf = useStepName()
  const { doneBytes, totalBytes, remainingSeconds } = step
  const share = doneBytes === null || totalBytes === null || totalBytes === 0 ? null : doneBytes / totalBytes
  return (
    <div className="mt-1 grid gap-1">
      <Meter share={share} label={nameOf(step)} />
      <p className="text-xs text-ink-faint">
        {totalBytes === null
          ? f.bytes(doneBytes)
          : t('bytesOf', { done: f.bytes(doneBytes), total: f.bytes(totalBytes) })}
        {remainingSeconds !== null && ` · ${t('remaining', { time: f.seconds(remainingSeconds) })}`}
      </p>
    </div>
  )
}

/** Reasons not to start, each with its remedy. */
export function Faults({ faults }: { faults: readonly PreflightFault[] }) {
  const t = useTranslations('stack')
  const said = useSaid()
  return (
    <ul className="grid gap-2" aria-label={t('faults')}>
      {faults.map((fault) => (
        <li key={`${fault.subject} ${fault.problem}`}>
          <Notice tone="error" title={`${fault.subject}: ${said(fault.problem)}`}>
            <span className="font-medium">{t('remedy')}</span> {said(fault.remedy)}
          </Notice>
        </li>
      ))}
    </ul>
  )
}
