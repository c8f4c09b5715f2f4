'use client'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { useMounted } from '#components/live/clock.ts'
import { useServerNow } from '#components/live/provider.tsx'

const iso = (at: number): string => new Date(at).toISOString()

interface AgeProps {
  at: number | null
  none?: string
  /** Without "ago". */
  bare?: boolean
  /** One unit only. */
  coarse?: boolean
}

/** How long ago, counting on; hovering shows the exact time with its zone. `null` reads as `none`. */
export function Age({ at, none, bare = false, coarse = false }: AgeProps) {
  const now = useServerNow()
  const mounted = useMounted()
  const f = useFormat()
  const t = useTranslations('format')
  if (at === null || now === null) return <span>{none ?? f.unknown}</span>
  const seconds = Math.max(0, now - at) / 1000
  const age = coarse ? f.coarse(seconds) : f.seconds(seconds)
  return (
    <time dateTime={iso(at)} title={mounted ? f.exact(at) : undefined}>
      {bare ? age : t('ago', { age })}
    </time>
  )
}

/** A point in time in the browser's zone; only the browser knows its zone, so the server leaves it out. */
export function Moment({ at, day = true }: { at: number | null; day?: boolean }) {
  const mounted = useMounted()
  const f = useFormat()
  if (at === null) return <span>{f.unknown}</span>
  return (
    <time dateTime={iso(at)} title={mounted ? f.exact(at) : undefined} className="whitespace-nowrap">
      {mounted ? (day ? f.dateTime(at) : f.clock(at)) : ''}
    </time>
  )
}
