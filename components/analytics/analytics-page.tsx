'use client'
/** Superset's dashboards inside the console: which one, of which type, how fresh. */
import { useQuery } from '@tanstack/react-query'
import { ExternalLink, Maximize, Minimize } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useSaid } from '#components/i18n/said.ts'
import { call } from '#components/live/api.ts'
import { useOverview } from '#components/live/provider.tsx'
import { mayAct, useSession } from '#components/shell/session.tsx'
import { Failed, Loading } from '#components/ui/blank.tsx'
import { Button, buttonClass } from '#components/ui/button.tsx'
import { cn } from '#components/ui/cn.ts'
import { Choice } from '#components/ui/field.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHead } from '#components/ui/panel.tsx'
import type { AnalyticsOffer, DashboardOffer } from '#lib/pipeline/analytics.ts'
import { EmbeddedDashboard } from './embedded-dashboard.tsx'
import { Freshness } from './freshness.tsx'
import { TypeChips } from './type-chips.tsx'

interface AnalyticsPageProps {
  /** Asked for in the address: the type to begin with, and the dashboard. */
  type: string | null
  slug: string | null
}

export function AnalyticsPage({ type, slug }: AnalyticsPageProps) {
  const t = useTranslations('analytics')
  const superset = useOverview('engines')?.superset ?? null
  const works = superset?.state === 'up'
  const { data, error, refetch } = useQuery({
    queryKey: ['analytics', works],
    queryFn: () => call<AnalyticsOffer>('GET', '/api/analytics'),
    enabled: works,
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <div className="flex flex-col gap-4 md:h-[calc(100dvh-6rem)]">
      <PageHead title={t('title')} intro={t('intro')} actions={<Freshness />} />
      {!works && <NotReady />}
      {error !== null && <Failed what={t('failed')} error={error} retry={() => refetch()} />}
      {data === undefined ? (
        works && error === null && <Loading lines={9} />
      ) : (
        <Dashboards offer={data} type={type} slug={slug} />
      )}
    </div>
  )
}

/** Superset is not there (any more): why, and that nothing has to be done here once it is. */
function NotReady() {
  const t = useTranslations('analytics')
  const said = useSaid()
  const superset = useOverview('engines')?.superset ?? null
  const coming = superset?.state === 'starting'
  return (
    <Notice live tone={coming ? 'info' : 'warning'} title={t(coming ? 'starting' : 'notReady')}>
      {superset?.reason != null && <p>{said(superset.reason)}</p>}
      <p>{t('byItself')}</p>
    </Notice>
  )
}

/** Dashboards of our own have a name in each language. */
const isKnown = (slug: string) => slug === 'live' || slug === 'personality'

interface DashboardsProps extends AnalyticsPageProps {
  offer: AnalyticsOffer
}

function Dashboards({ offer: { port, dashboards }, type, slug }: DashboardsProps) {
  const t = useTranslations('analytics')
  const name = useId()
  const [chosen, setChosen] = useState(slug)
  const [only, setOnly] = useState(type)
  const frame = useRef<HTMLDivElement>(null)
  const full = useFullScreen(frame)
  const dashboard = dashboards.find((d) => d.slug === chosen) ?? dashboards[0]
  if (dashboard === undefined) return <Notice tone="warning" title={t('none')} />
  return (
    <>
      <div className="flex flex-wrap items-end gap-x-4 gap-y-3">
        <Choice
          legend={t('choose')}
          name={name}
          value={dashboard.slug}
          options={dashboards.map((d) => ({ value: d.slug, label: isKnown(d.slug) ? t(`name.${d.slug}`) : d.title }))}
          onChange={setChosen}
        />
        <span className="ml-auto flex gap-1.5">
          <Button size="sm" icon={full.is ? Minimize : Maximize} onClick={full.toggle}>
            {t(full.is ? 'leaveFullScreen' : 'fullScreen')}
          </Button>
          <OpenInSuperset dashboard={dashboard} port={port} />
        </span>
        <TypeChips chosen={only} onChoose={setOnly} />
      </div>
      <div
        ref={frame}
        className={cn('min-h-[36rem] flex-1 overflow-hidden rounded-lg border bg-surface', full.is && 'rounded-none')}
      >
        <EmbeddedDashboard dashboard={dashboard} port={port} type={only} />
      </div>
    </>
  )
}

/** Superset itself, for those who have its account: the settings page shows it to admins. */
function OpenInSuperset({ dashboard, port }: { dashboard: DashboardOffer; port: number }) {
  const t = useTranslations('analytics')
  const { role } = useSession()
  const [base, setBase] = useState<string | null>(null)
  useEffect(() => setBase(`${window.location.protocol}//${window.location.hostname}:${port}`), [port])
  if (!mayAct(role, 'admin') || base === null) return null
  return (
    <a
      href={`${base}/superset/dashboard/${dashboard.slug}/`}
      target="_blank"
      rel="noreferrer"
      className={buttonClass('quiet', 'sm')}
    >
      <ExternalLink aria-hidden className="size-4" strokeWidth={1.75} />
      {t('open')}
    </a>
  )
}

function useFullScreen(element: React.RefObject<HTMLElement | null>) {
  const [is, setIs] = useState(false)
  useEffect(() => {
    const follow = () => setIs(document.fullscreenElement !== null)
    document.addEventListener('fullscreenchange', follow)
    return () => document.removeEventListener('fullscreenchange', follow)
  }, [])
  const toggle = () => void (is ? document.exitFullscreen() : element.current?.requestFullscreen())
  return { is, toggle }
}
