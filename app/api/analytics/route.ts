import type { AnalyticsOffer } from '#lib/pipeline/analytics.ts'
import { handle } from '../handle.ts'

export const GET = handle({ role: 'viewer' }, async ({ console, request }): Promise<AnalyticsOffer> => {
  const dashboards = await console.engines.superset.dashboards(request.signal)
  return { port: console.config.ports.superset, dashboards }
})
