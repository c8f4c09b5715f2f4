/** Puts a run's figures together. What could not be asked stays null; nothing is derived from what is null. */
import { type Ledger, passedIntoKafka } from '#lib/pipeline/ledger.ts'
import { endedStates } from '#lib/pipeline/run.ts'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import type { Histogram } from './histogram.ts'
import type { KafkaCount } from './kafka-tally.ts'

export interface DruidCount {
  readonly total: number
  readonly distinct: number | null
  /** When the distinct rows were counted, ms since the epoch. */
  readonly distinctAt: number | null
}

export interface Figures {
  readonly kafka: KafkaCount | null
  readonly druid: DruidCount | null
  /** Replay → queryable, sampled. */
  readonly visible: Histogram
  /** Kafka → queryable, sampled. */
  readonly ingest: Histogram
  /** When Druid was last asked, ms since the epoch. */
  readonly countedAt: number
}

const unknown = { p50: null, p95: null, p99: null }

/** `settled`: Kafka and Druid were both counted after the run's end, and nothing is on its way any more. */
export function ledgerOf({ id, progress }: RunSnapshot, figures: Figures, settled: boolean): Ledger {
  const { kafka, druid, visible, ingest, countedAt } = figures
  const ended = endedStates.includes(progress.state)
  const final = settled && ended
  const arrived = druid?.distinct == null || kafka?.deadLetters == null ? null : druid.distinct + kafka.deadLetters
  // A run under way tells how far it is a few times a second, and Kafka at once: what is there was certainly read and sent.
  const passed = ended ? 0 : passedIntoKafka(kafka?.distinct, kafka?.deadLetters)
  return {
    runId: id,
    state: progress.state,
    read: Math.max(progress.read, passed + progress.rejected),
    rejected: progress.rejected,
    sent: Math.max(progress.sent, passed),
    acked: progress.acked,
    kafka: kafka?.total ?? null,
    kafkaDistinct: kafka?.distinct ?? null,
    deadLetters: kafka?.deadLetters ?? null,
    druid: druid?.total ?? null,
    druidDistinct: druid?.distinct ?? null,
    druidDistinctAt: druid?.distinctAt ?? null,
    lost: final && arrived !== null ? Math.max(0, progress.sent - arrived) : null,
    duplicates: final && druid?.distinct != null ? druid.total - druid.distinct : null,
    late: kafka?.late ?? null,
    latencyMs: visible.percentiles(),
    hops: { mqtt: kafka?.mqtt ?? unknown, connect: kafka?.connect ?? unknown, druid: ingest.percentiles() },
    countedAt,
  }
}
