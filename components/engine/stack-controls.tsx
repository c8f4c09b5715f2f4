'use client'
import { Play, Square, Trash2 } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { call } from '#components/live/api.ts'
import { useOverview } from '#components/live/provider.tsx'
import { ActionButton } from '#components/shell/action-button.tsx'
import { isResting } from './phase.ts'

/** Start and stop of everything. Deleting the data stands apart and belongs to admins. */
export function StackControls({ purge = false }: { purge?: boolean }) {
  const t = useTranslations('stack')
  const stack = useOverview('stack')
  if (stack === undefined) return null
  const resting = isResting(stack.phase)
  const stopping = stack.phase === 'stopping'
  const allRun = stack.services.every((s) => s.phase === 'ready')
  return (
    <>
      {(resting || (stack.phase === 'degraded' && !allRun)) && (
        <ActionButton
          variant="primary"
          icon={Play}
          run={() => call('POST', '/api/stack/start', {})}
          failed={t('startFailed')}
        >
          {resting ? t('start') : t('startMissing')}
        </ActionButton>
      )}
      {stack.phase !== 'stopped' && (
        <ActionButton
          icon={Square}
          blocked={stopping ? t('isStopping') : null}
          run={() => call('POST', '/api/stack/stop', { purge: false })}
          failed={t('stopFailed')}
          confirm={{
            title: t('stopTitle'),
            consequences: [t('stopEffect1'), t('stopEffect2'), t('stopEffect3')],
            verb: t('stop'),
          }}
        >
          {t('stop')}
        </ActionButton>
      )}
      {purge && (
        <ActionButton
          variant="danger"
          needs="admin"
          icon={Trash2}
          blocked={stopping ? t('isStopping') : null}
          run={() => call('POST', '/api/stack/stop', { purge: true })}
          failed={t('purgeFailed')}
          confirm={{
            title: t('purgeTitle'),
            consequences: [t('purgeEffect1'), t('purgeEffect2'), t('purgeEffect3')],
            verb: t('purgeVerb'),
          }}
        >
          {t('purge')}
        </ActionButton>
      )}
    </>
  )
}
