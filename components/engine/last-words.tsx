'use client'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { useServerNow } from '#components/live/provider.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { Age } from '#components/ui/time.tsx'
import { Verbatim } from '#components/ui/verbatim.tsx'
import type { ServiceSnapshot } from '#lib/pipeline/snapshot.ts'

/** How a service ended when nobody had asked it to, and the last it said. */
export function LastWords({ service: { exit, restartAt, lastLog, phase } }: { service: ServiceSnapshot }) {
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
    <Notice tone={phase === 'ready' ? 'info' : 'error'} title={how}>
      <p>
        <Age at={exit.at} />
        {restartAt !== null && now !== null && `, ${t('restartIn', { time: f.seconds((restartAt - now) / 1000) })}`}
        {phase === 'ready' && `, ${t('runsAgain')}`}
      </p>
      {lastLog.length > 0 && (
        <figure className="mt-1.5">
          <figcaption className="text-xs text-ink-faint">{t('lastLog')}</figcaption>
          <Verbatim label={t('lastLog')} wrapped className="mt-1 max-h-64 bg-surface text-ink">
            {lastLog.join('\n')}
          </Verbatim>
        </figure>
      )}
    </Notice>
  )
}
