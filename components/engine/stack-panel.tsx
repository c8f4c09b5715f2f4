'use client'
/** The stack at a glance: its phase, what stands in the way, how far the start is, and each service's state. */
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { useSaid } from '#components/i18n/said.ts'
import { useOverview } from '#components/live/provider.tsx'
import { phaseState } from '#components/shell/stack-mark.tsx'
import { Loading } from '#components/ui/blank.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { StateMark } from '#components/ui/state-mark.tsx'
import type { ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import { isComingUp, isResting, serviceState } from './phase.ts'
import { StackControls } from './stack-controls.tsx'
import { Faults, Steps } from './steps.tsx'

export function StackPanel() {
  const t = useTranslations('stack')
  const said = useSaid()
  const f = useFormat()
  const stack = useOverview('stack')
  const aside =
    stack === undefined ? undefined : (
      <>
        <StateMark state={phaseState[stack.phase]} word={t(`phase.${stack.phase}`)} />
        {stack.readyAfterMs !== null && stack.phase === 'ready' && (
          <span className="text-xs text-ink-faint">{t('readyAfter', { time: f.duration(stack.readyAfterMs) })}</span>
        )}
      </>
    )
  return (
    <Panel title={t('title')} aside={aside} actions={<StackControls />}>
      {stack === undefined ? (
        <Loading />
      ) : (
        <div className="grid gap-4">
          {stack.reason !== null && stack.faults.length === 0 && (
            <Notice live tone={stack.phase === 'failed' ? 'error' : 'warning'} title={t(`because.${stack.phase}`)}>
              {said(stack.reason)}
            </Notice>
          )}
          {stack.phase === 'away' && <p className="max-w-[64ch] text-pretty text-ink-soft">{t('awayBody')}</p>}
          {stack.faults.length > 0 && <Faults faults={stack.faults} />}
          {stack.phase === 'stopped' && <p className="max-w-[64ch] text-pretty text-ink-soft">{t('stoppedBody')}</p>}
          {(isComingUp(stack.phase) || stack.phase === 'failed') && stack.steps.length > 0 && (
            <Steps steps={stack.steps} />
          )}
          {isComingUp(stack.phase) && <hr />}
          {!isResting(stack.phase) && <ServiceStrip services={stack.services} />}
        </div>
      )}
    </Panel>
  )
}

/** Each service with its state and, while it is not ready, what it waits for. */
function ServiceStrip({ services }: { services: readonly ServiceSnapshot[] }) {
  const t = useTranslations('services')
  const said = useSaid()
  return (
    <ul aria-label={t('title')} className="grid grid-cols-[repeat(auto-fill,minmax(13rem,1fr))] gap-x-4 gap-y-2">
      {services.map((service) => (
        <li key={service.id} className="min-w-0">
          <p className="flex items-center justify-between gap-2">
            <Link href={`/services#${service.id}`} className="truncate font-medium underline-offset-2 hover:underline">
              {service.id}
            </Link>
            <StateMark state={serviceState(service)} word={t(`phase.${service.phase}`)} className="text-xs" />
          </p>
          {service.waitsFor !== null && (
            <p className="text-xs wrap-anywhere text-ink-soft">{t('waitsFor', { what: said(service.waitsFor) })}</p>
          )}
        </li>
      ))}
    </ul>
  )
}
