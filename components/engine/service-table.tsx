'use client'
import { ChevronRight } from 'lucide-react'
import { useId, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { useSaid } from '#components/i18n/said.ts'
import { Empty } from '#components/ui/blank.tsx'
import { cn } from '#components/ui/cn.ts'
import { StateMark } from '#components/ui/state-mark.tsx'
import { RowHead, Table, Td, Th } from '#components/ui/table.tsx'
import { Age } from '#components/ui/time.tsx'
import type { ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import { LastWords } from './last-words.tsx'
import { serviceState } from './phase.ts'
import { useReplicas } from './replicas.tsx'
import { ServiceActions } from './service-actions.tsx'
import { ServiceDetails, useSource } from './service-details.tsx'

/** Services with what they cost and what they wait for: a table where there is room, cards where there is not. */
export function ServiceTable({ services }: { services: readonly ServiceSnapshot[] }) {
  const t = useTranslations('services')
  if (services.length === 0) return <Empty title={t('empty')}>{t('emptyBody')}</Empty>
  return (
    <>
      <div className="max-lg:hidden">
        <Table label={t('title')}>
          <thead>
            <tr>
              <Th>{t('service')}</Th>
              <Th>{t('state')}</Th>
              <Th>{t('lastAnswer')}</Th>
              <Th numeric>{t('uptime')}</Th>
              <Th numeric>{t('restarts')}</Th>
              <Th numeric title={t('cpuTitle')}>
                {t('cpu')}
              </Th>
              <Th numeric>{t('memory')}</Th>
              <Th numeric>{t('ports')}</Th>
              <Th>
                <span className="sr-only">{t('actions')}</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {services.map((service) => (
              <ServiceRow key={service.id} service={service} />
            ))}
          </tbody>
        </Table>
      </div>
      <ul className="lg:hidden">
        {services.map((service) => (
          <ServiceCard key={service.id} service={service} />
        ))}
      </ul>
    </>
  )
}

function useFigures(service: ServiceSnapshot) {
  const t = useTranslations('services')
  const f = useFormat()
  // A service that does not run uses nothing; one that runs and could not be measured is unknown.
  const none = service.handle === null ? '–' : f.unknown
  return {
    source: useSource(service),
    runtime: `${t(`runtime.${service.runtime}`)}${useReplicas(service)}`,
    uptime: service.startedAt === null ? none : <Age bare at={service.startedAt} />,
    cpu: service.cpuPercent === null ? none : f.percent(service.cpuPercent / 100),
    memory: service.rssBytes === null ? none : f.bytes(service.rssBytes),
    ports: service.ports.map((p) => String(p.port)).join(', ') || '–',
    restarts: service.runtime === 'external' ? '–' : f.count(service.restarts),
  }
}

function ServiceRow({ service }: { service: ServiceSnapshot }) {
  const figures = useFigures(service)
  const [open, setOpen] = useState(false)
  const details = useId()
  const more = open || hasEnded(service)
  return (
    <>
      <tr id={service.id} className={cn('scroll-mt-16 target:bg-accent-wash', more && '*:border-b-transparent')}>
        <RowHead>
          <Disclosure service={service} open={open} onToggle={() => setOpen(!open)} controls={details} />
          <p className="pl-4 text-xs font-normal text-ink-faint">{figures.source}</p>
          <p className="pl-4 text-xs font-normal text-ink-faint">{figures.runtime}</p>
        </RowHead>
        <Td>
          <ServiceState service={service} />
        </Td>
        <Td className="max-w-52">
          <LastAnswer service={service} />
        </Td>
        <Td numeric>{figures.uptime}</Td>
        <Td numeric>{figures.restarts}</Td>
        <Td numeric>{figures.cpu}</Td>
        <Td numeric>{figures.memory}</Td>
        <Td numeric className="max-w-24 whitespace-normal">
          {figures.ports}
        </Td>
        <Td className="py-1.5">
          <ServiceActions service={service} />
        </Td>
      </tr>
      <tr id={details} hidden={!more}>
        <Td colSpan={9}>
          <div className="grid gap-3 pl-4">
            {hasEnded(service) && <LastWords service={service} />}
            {open && <ServiceDetails service={service} />}
          </div>
        </Td>
      </tr>
    </>
  )
}

/** Of one that runs again its end is among the details. */
const hasEnded = ({ exit, phase }: ServiceSnapshot): boolean => exit !== null && phase !== 'ready'

interface DisclosureProps {
  service: ServiceSnapshot
  open: boolean
  onToggle: () => void
  controls: string
}

function Disclosure({ service: { id }, open, onToggle, controls }: DisclosureProps) {
  const t = useTranslations('services')
  return (
    <button
      type="button"
      aria-expanded={open}
      aria-controls={controls}
      title={open ? t('hideDetails') : t('showDetails')}
      onClick={onToggle}
      className="-ml-1 flex items-center gap-1 rounded-sm text-left font-medium whitespace-nowrap hover:text-accent max-md:min-h-9"
    >
      <ChevronRight aria-hidden className={cn('size-4 text-ink-faint transition-transform', open && 'rotate-90')} />
      {id}
    </button>
  )
}

function ServiceCard({ service }: { service: ServiceSnapshot }) {
  const t = useTranslations('services')
  const figures = useFigures(service)
  const [open, setOpen] = useState(false)
  const details = useId()
  const facts = [
    [t('uptime'), figures.uptime],
    [t('cpu'), figures.cpu],
    [t('memory'), figures.memory],
    [t('restarts'), figures.restarts],
    [t('ports'), figures.ports],
    [t('runsIn'), figures.runtime],
  ] as const
  return (
    <li className="grid gap-2.5 border-b p-4 last:border-b-0">
      <div className="flex items-start justify-between gap-3">
        <div className="min-w-0">
          <h3>
            <Disclosure service={service} open={open} onToggle={() => setOpen(!open)} controls={details} />
          </h3>
          <p className="pl-4 text-xs wrap-anywhere text-ink-faint">{figures.source}</p>
        </div>
        <ServiceState service={service} />
      </div>
      <dl className="grid grid-cols-3 gap-x-3 gap-y-1.5">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt className="text-xs text-ink-faint">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div className="col-span-3">
          <dt className="text-xs text-ink-faint">{t('lastAnswer')}</dt>
          <dd>
            <LastAnswer service={service} />
          </dd>
        </div>
      </dl>
      {hasEnded(service) && <LastWords service={service} />}
      <div id={details} hidden={!open}>
        {open && <ServiceDetails service={service} />}
      </div>
      <ServiceActions service={service} />
    </li>
  )
}

/** What the last probe brought, and how old that is; the question is among the details. */
function LastAnswer({ service: { probe } }: { service: ServiceSnapshot }) {
  const t = useTranslations('services')
  if (probe === null) return <span className="text-ink-faint">{t('notAsked')}</span>
  return (
    <div title={`${probe.asked} → ${probe.answer ?? t('noAnswer')}`}>
      <p className="truncate font-mono text-xs">{probe.answer ?? t('noAnswer')}</p>
      <p className="text-xs text-ink-faint">
        <Age at={probe.checkedAt} />
      </p>
    </div>
  )
}

/** Its phase while it comes and goes, its health once it is ready; and why, or what it waits for. */
function ServiceState({ service }: { service: ServiceSnapshot }) {
  const t = useTranslations('services')
  const { phase, status, waitsFor } = service
  const said = useSaid()
  const ill = phase === 'stopped' || status.reason === null ? null : said(status.reason)
  const reason = waitsFor === null ? ill : t('waitsFor', { what: said(waitsFor) })
  const healthy = phase !== 'ready' || status.state === 'up'
  return (
    <div className="max-w-56">
      <StateMark state={serviceState(service)} {...(healthy ? { word: t(`phase.${phase}`) } : {})} />
      {reason !== null && <p className="text-xs wrap-anywhere text-ink-soft">{reason}</p>}
    </div>
  )
}
