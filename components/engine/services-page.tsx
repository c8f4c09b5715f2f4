'use client'
/** Services: every process of the stack, what it costs, and the levers for each. */
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { useOverview } from '#components/live/provider.tsx'
import { Loading } from '#components/ui/blank.tsx'
import { PageHead, Panel } from '#components/ui/panel.tsx'
import type { ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import { ServiceTable } from './service-table.tsx'
import { StackControls } from './stack-controls.tsx'

/** Sum over those that run; null when one of them could not be measured. */
function total(services: readonly ServiceSnapshot[], figure: 'cpuPercent' | 'rssBytes'): number | null {
  const running = services.filter((s) => s.handle !== null)
  return running.reduce<number | null>((sum, s) => (sum === null || s[figure] === null ? null : sum + s[figure]), 0)
}

export function ServicesPage() {
  const t = useTranslations('services')
  const f = useFormat()
  const stack = useOverview('stack')
  const cpu = stack === undefined ? null : total(stack.services, 'cpuPercent')
  return (
    <div className="grid gap-4 md:gap-5">
      <PageHead title={t('title')} intro={t('intro')} actions={<StackControls />} />
      <Panel
        flush
        title={t('title')}
        aside={
          stack && (
            <span className="text-xs text-ink-soft">
              {t('total')}: {f.percent(cpu === null ? null : cpu / 100)} {t('cpu')},{' '}
              {f.bytes(total(stack.services, 'rssBytes'))}
            </span>
          )
        }
      >
        {stack === undefined ? <Loading /> : <ServiceTable services={stack.services} />}
      </Panel>
    </div>
  )
}
