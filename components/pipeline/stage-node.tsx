'use client'
import { Cable, Database, FileJson, Layers, type LucideIcon, RadioTower, Repeat } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { useSaid } from '#components/i18n/said.ts'
import type { RateSample } from '#components/live/state.ts'
import { cn } from '#components/ui/cn.ts'
import { Sparkline } from '#components/ui/sparkline.tsx'
import { StateMark } from '#components/ui/state-mark.tsx'
import { Age } from '#components/ui/time.tsx'
import type { StageSnapshot } from '#lib/pipeline/snapshot.ts'
import type { StageId } from '#lib/pipeline/stages.ts'

export const stageIcons: Readonly<Record<StageId, LucideIcon>> = {
  file: FileJson,
  replay: Repeat,
  mosquitto: RadioTower,
  connect: Cable,
  kafka: Layers,
  druid: Database,
}

const edge = {
  up: 'border-line',
  starting: 'border-starting/45',
  degraded: 'border-degraded/60',
  down: 'border-down/60',
  unknown: 'border-dashed border-line-strong/70',
} as const

const Figure = ({ name, className, children }: { name: string; className?: string; children: ReactNode }) => (
  <div className={className}>
    <dt className="sr-only">{name}</dt>
    <dd>{children}</dd>
  </div>
)

interface StageNodeProps {
  stage: StageSnapshot
  samples: readonly RateSample[]
  /** What the stage is doing, where its state does not say it. */
  note: string | null
  /** There has been no run, which alone could tell its figures. */
  idle: boolean
}

/** One stage: what it is, how it is, how much passed, how fast, how long ago. */
export function StageNode({ stage, samples, note, idle }: StageNodeProps) {
  const t = useTranslations('line')
  const said = useSaid()
  const Icon = stageIcons[stage.id]
  const { state } = stage.status
  const reason = stage.status.reason === null ? null : said(stage.status.reason)
  const nothingKnown = stage.count === null && stage.rate === null && stage.lastMessageAt === null
  return (
    <article
      aria-label={t(`stage.${stage.id}`)}
      className={cn(
        'grid min-w-0 flex-1 grid-cols-[1fr_auto] gap-x-3 rounded-lg border bg-surface px-2.5 py-2.5 @5xl:flex @5xl:flex-col',
        edge[state],
      )}
    >
      <header className="min-w-0">
        <h2 className="flex items-center gap-1.5 font-semibold">
          <Icon aria-hidden className="size-4 shrink-0 text-ink-faint" strokeWidth={1.75} />
          <span className="truncate">{t(`stage.${stage.id}`)}</span>
        </h2>
        <p className="truncate text-2xs text-ink-faint">{t(`what.${stage.id}`)}</p>
        <StateMark state={state} className="mt-1 text-xs" {...(note !== null && { word: note })} />
      </header>
      {nothingKnown ? (
        <p className="text-right text-xs text-ink-faint @5xl:mt-2 @5xl:text-left">
          {t(idle ? 'nothingYet' : 'nothingKnown')}
        </p>
      ) : (
        <StageFigures stage={stage} />
      )}
      {samples.some((s) => s.rate !== null) && (
        <Sparkline samples={samples} className="col-span-2 mt-1.5 h-5 @5xl:h-7" />
      )}
      {reason !== null && (
        <p className="col-span-2 mt-1.5 line-clamp-3 text-xs wrap-anywhere text-ink-soft" title={reason}>
          {reason}
        </p>
      )}
    </article>
  )
}

function StageFigures({ stage }: { stage: StageSnapshot }) {
  const t = useTranslations('line')
  const f = useFormat()
  const since = stage.countSince === null ? t('countAll') : t('countSince', { time: f.dateTime(stage.countSince) })
  return (
    <dl className="grid grid-cols-[auto_auto] content-start justify-end gap-x-2 text-xs whitespace-nowrap text-ink-soft @5xl:mt-2 @5xl:justify-between">
      <Figure
        name={t('count')}
        className={cn(
          'col-span-2 text-lg font-semibold tracking-tight text-ink @5xl:leading-6',
          stage.count === null && 'text-sm font-normal text-ink-faint',
        )}
      >
        <span className="flex flex-wrap items-baseline justify-end gap-x-1 @5xl:justify-start" title={since}>
          {f.count(stage.count)}
          {stage.count !== null && <span className="text-2xs font-normal text-ink-faint">{t('messages')}</span>}
        </span>
      </Figure>
      <Figure name={t('rate')}>{f.rate(stage.rate)}</Figure>
      <Figure name={t('lastMessage')} className="text-ink-faint">
        <Age coarse at={stage.lastMessageAt} none={stage.count === 0 ? t('noMessageYet') : undefined} />
      </Figure>
    </dl>
  )
}
