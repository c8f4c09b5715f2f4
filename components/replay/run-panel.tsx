'use client'
/** The run under way: how far it is, and the levers that can be moved while it goes. */
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { useSaid } from '#components/i18n/said.ts'
import { Facts } from '#components/ui/facts.tsx'
import { Meter } from '#components/ui/meter.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { StateMark } from '#components/ui/state-mark.tsx'
import { Moment } from '#components/ui/time.tsx'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { RunLevers } from './run-levers.tsx'
import { fileName, hasEnded, runShape, runShare } from './run-state.ts'
import { useScheduleText } from './schedule-text.ts'

export function RunPanel({ run }: { run: RunSnapshot }) {
  const t = useTranslations('run')
  const said = useSaid()
  const mode = useTranslations('mode')
  const schedule = useScheduleText()
  const f = useFormat()
  const { progress, options } = run
  const share = runShare(progress)
  const ended = hasEnded(progress.state)
  return (
    <div className="grid gap-4">
      <div className="grid gap-1.5">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <StateMark state={runShape[progress.state]} word={t(`state.${progress.state}`)} />
          <span className="font-medium wrap-anywhere" title={options.file}>
            {fileName(options.file)}
          </span>
          <span className="text-ink-soft">
            {mode(`name.${options.mode}`)}, {schedule(progress.schedule ?? options.schedule)}
          </span>
        </div>
        <Meter share={ended && share === null ? 1 : share} label={t('progress')} className="h-2" />
        <p className="flex flex-wrap justify-between gap-x-4 text-xs text-ink-soft">
          <span>
            {progress.total === null
              ? t('sentSoFar', { sent: f.count(progress.sent) })
              : t('sentOf', { sent: f.count(progress.sent), total: f.count(progress.total) })}
            {share !== null && ` · ${f.percent(share)}`}
          </span>
          <span>
            {ended && progress.endedAt !== null
              ? t('tookTime', { time: f.duration(progress.endedAt - progress.startedAt) })
              : f.rate(progress.rate)}
          </span>
        </p>
      </div>
      {progress.reason !== null && (
        <Notice tone={progress.state === 'failed' ? 'error' : 'info'} title={said(progress.reason)} />
      )}
      <Facts
        items={[
          { name: t('acked'), value: f.count(progress.acked) },
          { name: t('committed'), value: f.count(progress.committed + 1), title: t('committedTitle') },
          { name: t('resent'), value: f.count(progress.resent), title: t('resentTitle') },
          { name: t('rejected'), value: f.count(progress.rejected), bad: progress.rejected > 0 },
          { name: t('started'), value: <Moment at={progress.startedAt} day={false} /> },
          { name: t('id'), value: <code className="font-mono text-xs">{run.id}</code> },
        ]}
      />
      {!ended && <RunLevers run={run} />}
    </div>
  )
}
