/** Makes the supervisor what it should be. */
import { z } from 'zod'
import type { Change } from '#lib/engines/engine.ts'
import { EngineError } from '#lib/engines/errors.ts'
import { datasource } from '#lib/pipeline/stages.ts'
import type { DruidClient } from './client.ts'
import { includes } from './compare.ts'

const Consumer = z.object({
  spec: z.object({ ioConfig: z.object({ consumerProperties: z.record(z.string(), z.unknown()) }) }),
})

/** How a spec's tasks reach Kafka; empty where it does not say. */
function consumerOf(spec: object): Record<string, unknown> {
  const parsed = Consumer.safeParse(spec)
  return parsed.success ? parsed.data.spec.ioConfig.consumerProperties : {}
}

const brokersOf = (spec: object): string[] => String(consumerOf(spec)['bootstrap.servers'] ?? '').split(',')

/** Throws EngineError. */
export async function provisionSupervisor(client: DruidClient, wanted: object, signal: AbortSignal): Promise<Change> {
  const change = { engine: 'druid' as const, subject: `supervisor ${datasource}` }
  const present = await client.spec(datasource, signal)
  // A purge leaves the offsets that a Druid of others keeps.
  if (present !== null && client.elsewhere !== null) requireSameKafka(present, wanted, client.elsewhere)
  // What is no longer wished must not stay: it may be a password, or an encryption that Kafka does not speak any more.
  if (present !== null && includes(present, wanted) && includes(consumerOf(wanted), consumerOf(present)))
    return { ...change, action: 'unchanged' }
  // Whoever suspended it wants it to stay so.
  await client.submit(present?.suspended === true ? { ...wanted, suspended: true } : wanted, signal)
  return { ...change, action: present === null ? 'created' : 'updated' }
}

/** Its offsets would mean other messages: some would never be read, and nothing would say so. */
function requireSameKafka(present: object, wanted: object, elsewhere: string): void {
  const [before, now] = [brokersOf(present), brokersOf(wanted)]
  if (before.some((broker) => now.includes(broker))) return
  throw new EngineError(
    'druid',
    'rejected',
    `The supervisor ${datasource} of Druid at ${elsewhere} reads another Kafka: ${before.join(', ')}`,
    {
      hint: 'In Druid, reset that supervisor and terminate it, then start again; or put the former Kafka back into settings.json.',
    },
  )
}
