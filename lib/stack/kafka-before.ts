/** Druid and the connectors keep offsets of one Kafka. In another one they would mean other messages, so the data must go first. */
import type { Config } from '#lib/config.ts'
import type { PreflightFault } from '#lib/pipeline/snapshot.ts'
import type { Remembered } from './memory.ts'

/** As it is remembered. */
export const kafkaNow = ({ external }: Pick<Config, 'external'>): string[] => [...(external.kafka?.brokers ?? [])]

/** The same cluster where a broker is in both lists: more may have been added since. */
export function otherKafka(
  { kafka, runtime }: Pick<Remembered, 'kafka' | 'runtime'>,
  config: Pick<Config, 'external'>,
): PreflightFault[] {
  const now = kafkaNow(config)
  // Data of a time when there was no other.
  const before = kafka ?? (runtime === null ? null : [])
  if (before === null || (before.length === 0 && now.length === 0) || before.some((broker) => now.includes(broker)))
    return []
  const name = (brokers: readonly string[]) => (brokers.length === 0 ? 'our own' : brokers.join(', '))
  return [
    {
      subject: 'kafka',
      problem: `Druid and the connectors have offsets of another Kafka (${name(before)}), not of this one (${name(now)}).`,
      remedy: 'Delete their data with `aviary down --purge`, or put the former address back into settings.json.',
    },
  ]
}
