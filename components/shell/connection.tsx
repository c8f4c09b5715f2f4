'use client'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { useLive, useServerNow } from '#components/live/provider.tsx'
import { cn } from '#components/ui/cn.ts'
import { Notice } from '#components/ui/notice.tsx'

function useDataAge(): number | null {
  const now = useServerNow()
  const at = useLive((state) => state.dataAt)
  return now === null || at === null ? null : Math.max(0, now - at)
}

/** In the top bar of every page: whether what is on screen is live. */
export function ConnectionMark() {
  const t = useTranslations('connection')
  const f = useFormat()
  const connection = useLive((state) => state.connection)
  const age = useDataAge()
  return (
    <span
      role="status"
      className={cn(
        'inline-flex items-center gap-1.5 text-xs font-medium whitespace-nowrap',
        connection === 'live' ? 'text-ink-soft' : connection === 'lost' ? 'text-down' : 'text-starting',
      )}
    >
      <svg viewBox="0 0 12 12" aria-hidden="true" className="size-3">
        {connection === 'live' ? (
          <path
            d="M1 6h2.2L4.8 2l2.4 8L8.8 6H11"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            className="text-up"
          />
        ) : (
          <path d="M1 6h3M8 6h3M5 3l2 6" fill="none" stroke="currentColor" strokeWidth="1.5" />
        )}
      </svg>
      {connection === 'lost' && age !== null ? t('lostFor', { age: f.seconds(age / 1000) }) : t(connection)}
    </span>
  )
}

/** Across the page while the connection is lost: everything below is as old as it says. */
export function ConnectionBanner() {
  const t = useTranslations('connection')
  const f = useFormat()
  const lost = useLive((state) => state.connection === 'lost')
  const age = useDataAge()
  if (!lost) return null
  return (
    <Notice
      tone="warning"
      className="mb-4"
      title={age === null ? t('bannerNoData') : t('banner', { age: f.seconds(age / 1000) })}
    >
      {t('bannerBody')}
    </Notice>
  )
}
