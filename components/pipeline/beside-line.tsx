'use client'
/** What stands beside the line: Hive with the static data and the landed tweets, Superset with the dashboards. */
import { ChartPie, Warehouse } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { engineNames } from '#components/engine/names.ts'
import { useFormat } from '#components/format/use-format.tsx'
import { useSaid } from '#components/i18n/said.ts'
import { useOverview } from '#components/live/provider.tsx'
import { StateMark } from '#components/ui/state-mark.tsx'
import { landingConnector } from '#lib/pipeline/stages.ts'

export function BesideLine() {
  const t = useTranslations('beside')
  return (
    <section aria-label={t('title')} className="grid gap-4 md:grid-cols-2 md:gap-5">
      <Neighbour id="hive" icon={Warehouse} href="/personality" follow={t('toPersonality')}>
        <StaticFigures />
      </Neighbour>
      <Neighbour id="superset" icon={ChartPie} href="/analytics" follow={t('toAnalytics')}>
        {t('dashboards')}
      </Neighbour>
    </section>
  )
}

interface NeighbourProps {
  id: 'hive' | 'superset'
  icon: typeof ChartPie
  href: string
  follow: string
  children: ReactNode
}

function Neighbour({ id, icon: Icon, href, follow, children }: NeighbourProps) {
  const said = useSaid()
  const status = useOverview('engines')?.[id] ?? null
  return (
    <article aria-label={engineNames[id]} className="rounded-lg border bg-surface px-3 py-2.5">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="flex items-center gap-1.5 font-semibold">
          <Icon aria-hidden className="size-4 text-ink-faint" strokeWidth={1.75} />
          {engineNames[id]}
        </h2>
        <StateMark state={status?.state ?? 'unknown'} className="text-xs" />
        <Link href={href} className="ml-auto text-xs text-accent underline">
          {follow}
        </Link>
      </header>
      <div className="mt-1 text-xs text-ink-soft">{status?.reason == null ? children : said(status.reason)}</div>
    </article>
  )
}

/** Rows of the static tables, and how far the landed tweets are behind Kafka. */
function StaticFigures() {
  const t = useTranslations('beside')
  const f = useFormat()
  const tables = useOverview('statics')?.tables ?? null
  const sink = useOverview('connectors')?.find(({ name }) => name === landingConnector)
  const parts = tables === null ? [] : tables.map(({ name, rows }) => `${name} ${f.count(rows)}`)
  return (
    <p className="flex flex-wrap gap-x-4">
      <span>{tables === null ? t('tablesUnknown') : parts.length === 0 ? t('noTables') : parts.join(' · ')}</span>
      {sink !== undefined && <span>{t('landing', { behind: f.count(sink.behind) })}</span>}
    </p>
  )
}
