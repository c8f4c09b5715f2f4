'use client'
import { Play, RotateCw, ScrollText, Square } from 'lucide-react'
import { useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { call } from '#components/live/api.ts'
import { useOverview } from '#components/live/provider.tsx'
import { ActionButton } from '#components/shell/action-button.tsx'
import { Button } from '#components/ui/button.tsx'
import type { ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import { LogDrawer } from './log-drawer.tsx'
import { isAtRest } from './phase.ts'

/** Who of the running services suffers while this one is away, in a sentence. */
function useDependents({ dependents }: ServiceSnapshot): string {
  const t = useTranslations('services')
  const format = useFormatter()
  const services = useOverview('stack')?.services ?? []
  const running = services.filter(({ id, phase }) => dependents.includes(id) && !isAtRest(phase)).map(({ id }) => id)
  if (running.length === 0) return t('noDependents')
  return t('dependents', { count: running.length, names: format.list(running) })
}

/** Start, stop, restart, log. Whoever depends on the service is named before it is stopped. */
export function ServiceActions({ service }: { service: ServiceSnapshot }) {
  // What Aviary does not run it cannot start or stop, and it has no log of it.
  return service.address === null ? <OwnActions service={service} /> : null
}

function OwnActions({ service }: { service: ServiceSnapshot }) {
  const { id, phase } = service
  const t = useTranslations('services')
  const dependents = useDependents(service)
  const [log, setLog] = useState(false)
  const path = `/api/services/${id}`
  const resting = isAtRest(phase)
  const stopping = phase === 'stopping' ? t('isBusy') : null
  return (
    <div className="flex flex-wrap gap-1 lg:flex-nowrap lg:justify-end">
      <Button size="sm" variant="plain" icon={ScrollText} onClick={() => setLog(true)}>
        {t('logs')}
      </Button>
      {resting ? (
        <ActionButton
          size="sm"
          icon={Play}
          run={() => call('POST', `${path}/start`)}
          failed={t('startFailed', { service: id })}
        >
          {t('start')}
        </ActionButton>
      ) : (
        <>
          <ActionButton
            size="sm"
            icon={RotateCw}
            blocked={stopping}
            run={() => call('POST', `${path}/restart`)}
            failed={t('restartFailed', { service: id })}
            confirm={{
              title: t('restartTitle', { service: id }),
              consequences: [t('restartEffect'), dependents, t(`effect.${id}`)],
              verb: t('restart'),
            }}
          >
            {t('restart')}
          </ActionButton>
          <ActionButton
            size="sm"
            icon={Square}
            blocked={stopping}
            run={() => call('POST', `${path}/stop`)}
            failed={t('stopFailed', { service: id })}
            confirm={{
              title: t('stopTitle', { service: id }),
              consequences: [dependents, t(`effect.${id}`)],
              verb: t('stop'),
            }}
          >
            {t('stop')}
          </ActionButton>
        </>
      )}
      <LogDrawer service={service} open={log} onOpenChange={setLog} />
    </div>
  )
}
