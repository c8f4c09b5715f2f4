'use client'
/** The line as a live map, file to Druid: each stage a node, each connection a wire with what waits on it. */
import { useTranslations } from 'use-intl'
import { useLive, useOverview } from '#components/live/provider.tsx'
import { Skeleton } from '#components/ui/blank.tsx'
import { cn } from '#components/ui/cn.ts'
import { type StageId, stageIds } from '#lib/pipeline/stages.ts'
import { StageNode } from './stage-node.tsx'
import { Wire } from './wire.tsx'

/** Stages that are asked themselves what they have; of the others a run tells. */
const ownCount: ReadonlySet<StageId> = new Set(['kafka', 'druid'])

export function LineMap() {
  const t = useTranslations('line')
  const run = useTranslations('run')
  const stages = useOverview('stages')
  const newest = useOverview('run')
  const rates = useLive((state) => state.rates)
  const stale = useLive((state) => state.connection === 'lost')
  if (stages === undefined) return <LineMapSkeleton />
  return (
    <section aria-label={t('title')} className="@container">
      <ol className={cn('flex flex-col @5xl:flex-row @5xl:items-stretch', stale && 'grayscale')}>
        {stages.map((stage, i) => {
          const before = stages[i - 1]
          return (
            <li
              key={stage.id}
              className={cn(
                'flex min-w-0 flex-col @5xl:flex-row',
                i === 0 ? '@5xl:flex-[1_1_0]' : '@5xl:flex-[1_1_3.5rem]',
              )}
            >
              {before !== undefined && (
                <Wire
                  backlog={stage.backlog}
                  idle={newest === null}
                  rate={stage.rate}
                  stale={stale}
                  from={t(`stage.${before.id}`)}
                  to={t(`stage.${stage.id}`)}
                />
              )}
              <StageNode
                stage={stage}
                samples={rates[stage.id]}
                idle={newest === null && !ownCount.has(stage.id)}
                note={stage.id === 'replay' && newest != null ? run(`state.${newest.progress.state}`) : null}
              />
            </li>
          )
        })}
      </ol>
    </section>
  )
}

function LineMapSkeleton() {
  const t = useTranslations('common')
  return (
    <div role="status" className="@container">
      <span className="sr-only">{t('loading')}</span>
      <div className="flex flex-col gap-8 @5xl:flex-row @5xl:gap-14">
        {stageIds.map((id) => (
          <div key={id} className="grid h-28 flex-1 content-start gap-2 rounded-lg border bg-surface p-3 @5xl:h-40">
            <Skeleton className="w-2/3" />
            <Skeleton className="w-1/2" />
          </div>
        ))}
      </div>
    </div>
  )
}
