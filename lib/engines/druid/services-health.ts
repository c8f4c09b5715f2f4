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

/** `ours`: Aviary runs them, so that it can start what is missing. */
export async function servicesHealth(
  client: DruidClient,
  ours: boolean,
  signal: AbortSignal,
): Promise<ServiceFinding[]> {
  const { rows } = await client.sql('SELECT DISTINCT server_type FROM sys.servers', { signal, timeoutMs: 2_000 })
  const present = new Set(rows.map(([type]) => type))
  return Object.entries(needed).map(([type, part]) => {
    if (present.has(type)) return { part, state: 'up', reason: null }
    const role = type.replace('_', ' ')
    const reason = ours
      ? `No ${role} is known to Druid. Start the service ${part}.`
      : `No ${role} is known to Druid. Aviary does not run it: look at it where it runs.`
    return { part, state: 'down', reason }
  })
}
