'use client'
import { type EmbeddedDashboard as Embedded, embedDashboard } from '@superset-ui/embedded-sdk'
import { useTheme } from 'next-themes'
import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { call } from '#components/live/api.ts'
import { Failed, Loading } from '#components/ui/blank.tsx'
import { type DashboardOffer, typeFilter } from '#lib/pipeline/analytics.ts'

interface EmbeddedDashboardProps {
  dashboard: DashboardOffer
  port: number
  /** Only this personality type; null for all. A change draws the dashboard anew. */
  type: string | null
}

/**
 * A dashboard in a frame of Superset's own, let in by a guest token. The SDK renews the token before it ends and tries again after a
 * loss of the network. The frame has another port and so another origin: what a dashboard shows cannot reach the console.
 */
export function EmbeddedDashboard({ dashboard, port, type }: EmbeddedDashboardProps) {
  const t = useTranslations('analytics')
  const host = useRef<HTMLDivElement>(null)
  const [embedded, setEmbedded] = useState<Embedded | null>(null)
  const [fault, setFault] = useState<unknown>(null)
  const [attempt, setAttempt] = useState(0)
  const { resolvedTheme } = useTheme()

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is a reason to embed again
  useEffect(() => {
    const mountPoint = host.current
    if (mountPoint === null) return
    let gone = false
    let mine: Embedded | null = null
    setEmbedded(null)
    setFault(null)
    embed({ dashboard, port, type, mountPoint, title: t('frame', { title: dashboard.title }) }).then(
      (made) => {
        mine = made
        if (gone) made.unmount()
        else setEmbedded(made)
      },
      (error: unknown) => gone || setFault(error),
    )
    return () => {
      gone = true
      mine?.unmount()
    }
  }, [dashboard, port, type, attempt, t])

  useEffect(() => {
    embedded?.setThemeMode(resolvedTheme === 'dark' ? 'dark' : 'default')
  }, [embedded, resolvedTheme])

  return (
    <div className="relative h-full min-h-0">
      {fault !== null && <Failed what={t('failed')} error={fault} retry={() => setAttempt(attempt + 1)} />}
      {fault === null && embedded === null && (
        <div className="absolute inset-0">
          <Loading lines={9} />
        </div>
      )}
      <div ref={host} className="size-full [&>iframe]:size-full [&>iframe]:border-0" />
    </div>
  )
}

interface EmbedRequest extends EmbeddedDashboardProps {
  mountPoint: HTMLElement
  title: string
}

function embed({ dashboard, port, type, mountPoint, title }: EmbedRequest): Promise<Embedded> {
  const { protocol, hostname } = window.location
  return embedDashboard({
    id: dashboard.uuid,
    supersetDomain: `${protocol}//${hostname}:${port}`,
    mountPoint,
    iframeTitle: title,
    // Superset lets the frame in by its referrer, which the console's own policy would keep back.
    referrerPolicy: 'strict-origin-when-cross-origin',
    fetchGuestToken: async () => {
      const { token } = await call<{ token: string }>('POST', '/api/analytics/token', { dashboard: dashboard.slug })
      return token
    },
    dashboardUiConfig: {
      // Superset refreshes a dashboard by itself only while its title is shown.
      hideTitle: false,
      filters: { visible: true, expanded: false },
      urlParams: type === null ? {} : { native_filters: onlyType(type) },
    },
  })
}

/** State of the type filter in Rison, as Superset reads it from an address. */
function onlyType(type: string): string {
  const { id, column } = typeFilter
  const filters = `!((col:${column},op:IN,val:!(${type})))`
  return `(${id}:(extraFormData:(filters:${filters}),filterState:(label:${type},value:!(${type})),id:${id},ownState:()))`
}
