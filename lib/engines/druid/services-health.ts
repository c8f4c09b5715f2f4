/** Which of Druid's services take part, by their own announcements (`sys.servers`): one question instead of five. */
import type { Finding } from '#lib/engines/observer.ts'
import type { DruidClient } from './client.ts'

const needed = {
  coordinator: 'druid-coordinator',
  broker: 'druid-broker',
  historical: 'druid-historical',
  middle_manager: 'druid-middlemanager',
  router: 'druid-router',
} as const

export type ServiceFinding = Finding & { readonly part: string }

/**
 * Ours needs all five. Others may run tasks in Indexers or elsewhere altogether: there a Broker that answers is enough, and what else is
 * missing shows in the supervisor.
 */
export async function servicesHealth(client: DruidClient, signal: AbortSignal): Promise<ServiceFinding[]> {
  const { rows } = await client.sql('SELECT DISTINCT server_type FROM sys.servers', { signal, timeoutMs: 2_000 })
  if (client.elsewhere !== null) return [{ part: needed.broker, state: 'up', reason: null }]
  const present = new Set(rows.map(([type]) => type))
  return Object.entries(needed).map(([type, part]) =>
    present.has(type)
      ? { part, state: 'up', reason: null }
      : { part, state: 'down', reason: `No ${type.replace('_', ' ')} is known to Druid. Start the service ${part}.` },
  )
}
