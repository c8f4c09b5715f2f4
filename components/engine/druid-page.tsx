'use client'
/** Druid: its services, its supervisors, and how far each partition is behind. */
import { useTranslations } from 'use-intl'
import { useOverview } from '#components/live/provider.tsx'
import { Empty, Loading } from '#components/ui/blank.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHead, Panel } from '#components/ui/panel.tsx'
import { ServiceTable } from './service-table.tsx'
import { SupervisorPanel } from './supervisor-panel.tsx'

export function DruidPage() {
  const t = useTranslations('druid')
  const stack = useOverview('stack')
  const supervisors = useOverview('supervisors')
  return (
    <div className="grid gap-4 md:gap-5">
      <PageHead title={t('title')} intro={t('intro')} />
      {supervisors === undefined ? (
        <Loading />
      ) : supervisors === null ? (
        <Notice tone="warning" title={t('unknown')}>
          {t('unknownBody')}
        </Notice>
      ) : supervisors.length === 0 ? (
        <Empty title={t('empty')}>{t('emptyBody')}</Empty>
      ) : (
        supervisors.map((supervisor) => <SupervisorPanel key={supervisor.id} supervisor={supervisor} />)
      )}
      <Panel flush title={t('services')}>
        {stack === undefined ? (
          <Loading />
        ) : (
          <ServiceTable services={stack.services.filter((s) => s.id.startsWith('druid-'))} />
        )}
      </Panel>
    </div>
  )
}
