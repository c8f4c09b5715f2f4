'use client'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { useOverview } from '#components/live/provider.tsx'
import { StateMark } from '#components/ui/state-mark.tsx'
import { Age } from '#components/ui/time.tsx'

/** How far the dashboards can be behind: what Kafka has and Druid does not yet, and the age of Druid's newest row. */
export function Freshness() {
  const t = useTranslations('analytics')
  const f = useFormat()
  const stage = useOverview('stages')?.find(({ id }) => id === 'druid')
  const supervisor = useOverview('supervisors')?.[0]
  const behind = stage?.backlog ?? supervisor?.aggregateLag ?? null
  const state = stage === undefined || behind === null ? 'unknown' : behind === 0 ? 'up' : stage.status.state
  return (
    <p role="status" className="flex flex-wrap items-center gap-x-2 text-xs text-ink-soft">
      <StateMark
        state={state}
        word={behind === null ? t('behindUnknown') : t('behind', { count: behind, shown: f.count(behind) })}
      />
      {stage?.lastMessageAt != null && (
        <span>
          {t('newest')} <Age at={stage.lastMessageAt} />
        </span>
      )}
    </p>
  )
}
