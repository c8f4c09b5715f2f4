'use client'
import { Play, Square, Trash2 } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { call } from '#components/live/api.ts'
import { useOverview } from '#components/live/provider.tsx'
import { ActionButton } from '#components/shell/action-button.tsx'
import { isAtRest, isResting } from './phase.ts'

/** Start and stop of everything. */
export function StackControls() {
  const t = useTranslations('stack')
  const stack = useOverview('stack')
  if (stack === undefined) return null
  const resting = isResting(stack.phase)
  // What runs elsewhere is not ours to start.
  const partly = stack.phase === 'degraded' && stack.services.some((s) => s.runtime !== 'external' && isAtRest(s.phase))
  return (
    <>
      {(resting || partly) && (
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
          blocked={stack.phase === 'stopping' ? t('isStopping') : null}
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
    </>
  )
}

/** Deleting the data stands apart from stopping and belongs to admins. */
export function PurgeControl() {
  const t = useTranslations('stack')
  const stack = useOverview('stack')
  return (
    <ActionButton
      variant="danger"
      needs="admin"
      icon={Trash2}
      blocked={stack?.phase === 'stopping' ? t('isStopping') : null}
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
  )
}
