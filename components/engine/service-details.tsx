'use client'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { Facts } from '#components/ui/facts.tsx'
import { Age, Moment } from '#components/ui/time.tsx'
import type { ProbeSnapshot, ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import { LastWords } from './last-words.tsx'
import { Replicas } from './replicas.tsx'

/** What there is to know of a service beyond its row: the last question and its answer in full, relations, its last end. */
export function ServiceDetails({ service }: { service: ServiceSnapshot }) {
  const t = useTranslations('services')
  const f = useFormat()
  const { probe, handle, startedAt, needs, dependents, restarts, restartsSince, exit } = service
  const since = () => <Moment at={restartsSince} />
  const names = (ids: readonly string[]) => ids.join(', ') || t('nothing')
  return (
    <div className="grid gap-3">
      <Facts
        className="grid-cols-[repeat(auto-fill,minmax(min(15rem,45%),1fr))]"
        items={[
          { name: t('asked'), value: probe === null ? t('notAsked') : <Said>{probe.asked}</Said> },
          { name: t('answered'), value: probe === null ? '–' : <Answer probe={probe} /> },
          { name: t('source'), value: useSource(service) },
          ...(service.runtime === 'external'
            ? []
            : [
                { name: t(`handleOf.${service.runtime}`), value: handle ?? t('notRunning') },
                { name: t('startedAt'), value: startedAt === null ? '–' : <Moment at={startedAt} /> },
                {
                  name: t('restarts'),
                  value:
                    restartsSince === null ? '–' : t.rich('restartsSince', { count: f.count(restarts), time: since }),
                },
              ]),
          { name: t('needs'), value: names(needs) },
          { name: t('neededBy'), value: names(dependents) },
          ...(exit === null ? [{ name: t('lastExit'), value: t('noExit') }] : []),
        ]}
      />
      <Replicas service={service} />
      {service.phase === 'ready' && <LastWords service={service} />}
    </div>
  )
}

const Said = ({ children }: { children: ReactNode }) => <code className="font-mono text-xs">{children}</code>

function Answer({ probe: { answer, checkedAt } }: { probe: ProbeSnapshot }) {
  const t = useTranslations('services')
  return (
    <>
      {answer === null ? t('noAnswer') : <Said>{answer}</Said>}{' '}
      <span className="text-xs text-ink-faint">
        <Age at={checkedAt} />
      </span>
    </>
  )
}

/** Where it runs when that is not here, the image of its container, or the version and what it comes with. */
export function useSource({ address, image, version, artifacts }: ServiceSnapshot): string {
  const t = useTranslations('services')
  return address ?? image ?? t('versionFrom', { version, source: artifacts.join(' + ') })
}
