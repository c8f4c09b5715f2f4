/** The ledger: a run's messages counted at every stage. A figure that could not be asked is null, never 0. */
import { z } from 'zod'
import { RunState } from './run.ts'

const count = z.number().int().nullable()

export const Percentiles = z.object({
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
})
/** Milliseconds. */
export type Percentiles = z.infer<typeof Percentiles>

export const Ledger = z.object({
  runId: z.string(),
  state: RunState,
  read: count,
  rejected: count,
  sent: count,
  acked: count,
  /** Records of the run in the topic, dead letters apart, read committed. */
  kafka: count,
  kafkaDistinct: count,
  deadLetters: count,
  /** Rows of the run in the datasource. */
  druid: count,
  druidDistinct: count,
  /** When `druidDistinct` was counted, ms since the epoch: it is dear, so that for an open run it may be older than the rest. */
  druidDistinctAt: z.number().nullable().default(null),
  /** Sent but neither in Druid nor among the dead letters; null until the run has ended and both could be asked. */
  lost: count,
  /** Rows beyond the first of a message. */
  duplicates: count,
  /** In Kafka later than `lateAfterMs` after they were sent. */
  late: count,
  /** Replay → queryable in Druid; sampled from the newest visible row. */
  latencyMs: Percentiles,
  /** Exact over all messages of the run, from their headers. */
  hops: z.object({
    /** Replay → connector. */
    mqtt: Percentiles,
    /** Connector → Kafka. */
    connect: Percentiles,
    /** Kafka → queryable in Druid; sampled. */
    druid: Percentiles,
  }),
  /** When Druid was last asked, ms since the epoch; what the replay and Kafka have seen is newer. */
  countedAt: z.number(),
})
export type Ledger = z.infer<typeof Ledger>

/** So many messages of a run have certainly passed every stage before Kafka: those that are in it, each once. 0 while that could not be asked. */
export const passedIntoKafka = (distinct: number | null | undefined, deadLetters: number | null | undefined): number =>
  (distinct ?? 0) + (deadLetters ?? 0)

/** A message that needs longer than this from replay to Kafka counts as late. */
export const lateAfterMs = 10_000
