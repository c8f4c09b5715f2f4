'use client'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { useSaid } from '#components/i18n/said.ts'
import { useServerNow } from '#components/live/provider.tsx'
import { Empty } from '#components/ui/blank.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { StateMark } from '#components/ui/state-mark.tsx'
import { RowHead, Table, Td, Th } from '#components/ui/table.tsx'
import { Age } from '#components/ui/time.tsx'
import type { ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import { serviceState } from './phase.ts'
import { ServiceActions } from './service-actions.tsx'

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
              <Th numeric>{t('uptime')}</Th>
              <Th numeric>{t('restarts')}</Th>
              <Th numeric title={t('cpuTitle')}>
                {t('cpu')}
              </Th>
              <Th numeric>{t('memory')}</Th>
              <Th numeric>{t('ports')}</Th>
              <Th numeric>{t('handle')}</Th>
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
    uptime: service.startedAt === null ? none : <Age bare at={service.startedAt} />,
    cpu: service.cpuPercent === null ? none : f.percent(service.cpuPercent / 100),
    memory: service.rssBytes === null ? none : f.bytes(service.rssBytes),
    ports: service.ports.map((p) => String(p.port)).join(', ') || '–',
    handle: service.handle ?? t('notRunning'),
    restarts: f.count(service.restarts),
  }
}

function ServiceRow({ service }: { service: ServiceSnapshot }) {
  const figures = useFigures(service)
  return (
    <>
      <tr id={service.id} className="scroll-mt-16 target:bg-accent-wash">
        <RowHead>
          {service.id}
          <span className="block text-xs font-normal text-ink-faint">{service.version}</span>
        </RowHead>
        <Td>
          <ServiceState service={service} />
        </Td>
        <Td numeric>{figures.uptime}</Td>
        <Td numeric>{figures.restarts}</Td>
        <Td numeric>{figures.cpu}</Td>
        <Td numeric>{figures.memory}</Td>
        <Td numeric>{figures.ports}</Td>
        <Td numeric className="text-ink-faint">
          {figures.handle}
        </Td>
        <Td className="py-1.5">
          <ServiceActions service={service} />
        </Td>
      </tr>
      {service.exit !== null && service.phase !== 'ready' && (
        <tr>
          <Td colSpan={9}>
            <LastWords service={service} />
          </Td>
        </tr>
      )}
    </>
  )
}

function ServiceCard({ service }: { service: ServiceSnapshot }) {
  const t = useTranslations('services')
  const figures = useFigures(service)
  const facts = [
    [t('uptime'), figures.uptime],
    [t('cpu'), figures.cpu],
    [t('memory'), figures.memory],
    [t('restarts'), figures.restarts],
    [t('ports'), figures.ports],
    [t('version'), service.version],
  ] as const
  return (
    <li className="grid gap-2.5 border-b p-4 last:border-b-0">
      <div className="flex items-start justify-between gap-3">
        <h3 className="font-semibold">{service.id}</h3>
        <ServiceState service={service} />
      </div>
      <dl className="grid grid-cols-3 gap-x-3 gap-y-1.5">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt className="text-xs text-ink-faint">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {service.exit !== null && service.phase !== 'ready' && <LastWords service={service} />}
      <ServiceActions service={service} />
    </li>
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
    <div className="max-w-80">
      <StateMark state={serviceState(service)} {...(healthy ? { word: t(`phase.${phase}`) } : {})} />
      {reason !== null && <p className="text-xs wrap-anywhere text-ink-soft">{reason}</p>}
    </div>
  )
}

/** How a dead service ended, and the last it said. */
function LastWords({ service: { exit, restartAt, lastLog } }: { service: ServiceSnapshot }) {
  const t = useTranslations('services')
  const f = useFormat()
  const now = useServerNow()
  if (exit === null) return null
  const how =
    exit.code !== null
      ? t('exitCode', { code: String(exit.code) })
      : exit.signal !== null
        ? t('exitSignal', { signal: exit.signal })
        : t('exitUnknown')
  return (
    <Notice tone="error" title={how}>
      <p>
        <Age at={exit.at} />
        {restartAt !== null && now !== null && `, ${t('restartIn', { time: f.seconds((restartAt - now) / 1000) })}`}
      </p>
      {lastLog.length > 0 && (
        <figure className="mt-1.5">
          <figcaption className="text-xs text-ink-faint">{t('lastLog')}</figcaption>
          <pre className="mt-1 max-h-64 overflow-auto rounded-md bg-surface p-2 font-mono text-xs whitespace-pre-wrap text-ink wrap-anywhere">
            {lastLog.join('\n')}
          </pre>
        </figure>
      )}
    </Notice>
  )
}
