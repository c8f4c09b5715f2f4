'use client'
import { Play, RotateCw, ScrollText, Square } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { call } from '#components/live/api.ts'
import { ActionButton } from '#components/shell/action-button.tsx'
import { Button } from '#components/ui/button.tsx'
import type { ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import { LogDrawer } from './log-drawer.tsx'
import { isAtRest } from './phase.ts'

/** Start, stop, restart, log. Stopping names what depends on the service. */
export function ServiceActions({ service: { id, phase } }: { service: ServiceSnapshot }) {
  const t = useTranslations('services')
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
              consequences: [t('restartEffect'), t(`effect.${id}`)],
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
            confirm={{ title: t('stopTitle', { service: id }), consequences: [t(`effect.${id}`)], verb: t('stop') }}
          >
            {t('stop')}
          </ActionButton>
        </>
      )}
      <LogDrawer service={id} open={log} onOpenChange={setLog} />
    </div>
  )
}
