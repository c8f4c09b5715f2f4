/** Kafka, after Connect and before Druid on the line: keeps the messages in the topic `tweets` for every reader. */
import type { Admin } from 'kafkajs'
import type { Change, Engine, EngineStatus, Tap, TapRequest } from '#lib/engines/engine.ts'
import { type Findings, Observer } from '#lib/engines/observer.ts'
import type { Tls } from '#lib/external.ts'
import { topics } from '#lib/pipeline/stages.ts'
import { brokersState } from './brokers.ts'
import { KafkaClient, type KafkaOptions } from './client.ts'
import { provisionTopics, wantedTopics } from './desired.ts'
import { tapMessages } from './message.ts'
import { Positions } from './positions.ts'
import { Reading, type TopicBatch } from './reading.ts'
import { topicState } from './topic-state.ts'

export { headerText } from './message.ts'
export { Positions } from './positions.ts'
export type { TopicBatch, TopicRecord } from './reading.ts'
export { externalService, services } from './services.ts'

export interface PartitionOffsets {
  readonly partition: number
  /** First offset still kept, a decimal. */
  readonly low: string
  /** Offset after the last one, a decimal. Transaction markers take offsets too, so differences are no counts. */
  readonly high: string
}

/** How far a consumer group has come in a partition. */
export interface PartitionOffset {
  readonly partition: number
  /** Offset that it would read next, a decimal; null while it has committed none. */
  readonly offset: string | null
}

export interface TailRequest {
  /** A place for each topic and partition to read, or only what comes after now. */
  readonly from: Positions | 'latest'
  /** Called with every record once, in order within a partition. Must not throw or be slow. */
  readonly onBatch: (batch: TopicBatch) => void
  readonly signal: AbortSignal
}

/** A reading of `tweets` and `tweets-dead-letters` that survives faults of Kafka. */
export interface Tail {
  /** Resolves when everything that stood in the topics at this moment has been handed over. */
  caughtUp(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

export interface KafkaEngine extends Engine {
  tap(request: TapRequest): Promise<Tap>
  /** Throws EngineError. */
  offsets(topic: string, signal: AbortSignal): Promise<PartitionOffsets[]>
  /** What a consumer group has committed; a group that never was has committed nothing. Throws EngineError. */
  groupOffsets(group: string, topic: string, signal: AbortSignal): Promise<PartitionOffset[]>
  /**
   * Where the records from `time` (ms) on begin in both topics. `complete` is false when older records have been
   * removed already and what is kept begins after `time`. Throws EngineError.
   */
  positionsAt(time: number, signal: AbortSignal): Promise<{ positions: Positions; complete: boolean }>
  /** Shares one upstream reading with all taps and tails. Throws EngineError. */
  tail(request: TailRequest): Promise<Tail>
  /** As `tail`, by a reading of its own: for going far back without holding up the others. */
  lookBack(request: TailRequest): Promise<Tail>
}

const read = [topics.tweets, topics.deadLetters] as const

export function createKafka(options: KafkaOptions): KafkaEngine {
  const client = new KafkaClient(options)
  const observer = new Observer('kafka')
  const shared = new Reading(client, read, options.log)
  const own = new Set<Reading>()

  const offsets = async (topic: string, signal: AbortSignal) => {
    const all = await client.ask((admin) => admin.fetchTopicOffsets(topic), signal)
    return all.map(({ partition, low, high }) => ({ partition, low, high }))
  }
  const end = async (signal: AbortSignal): Promise<Positions> => {
    const positions = new Positions()
    for (const topic of read)
      for (const { partition, high } of await offsets(topic, signal)) positions.set(topic, partition, BigInt(high))
    return positions
  }
  const follow = async (reading: Reading, { from, onBatch, signal }: TailRequest): Promise<Tail> => {
    const positions = from === 'latest' ? (reading.live ?? (await end(signal))) : from
    const follower = reading.follow(positions, onBatch)
    return {
      caughtUp: async (waiting) => reading.reached(follower, await end(waiting), waiting),
      close: () => reading.unfollow(follower),
    }
  }

  return {
    id: 'kafka',
    probe: (signal): Promise<EngineStatus> =>
      observer.probe(() => client.ask((admin) => findings(admin, options.tls ?? null), signal)),
    provision: (signal): Promise<Change[]> => client.ask(provisionTopics, signal, 20_000),
    offsets,
    groupOffsets: async (group, topic, signal) => {
      const found = await client.ask((admin) => admin.fetchOffsets({ groupId: group, topics: [topic] }), signal)
      // kafkajs says -1 for none.
      return found.flatMap(({ partitions }) =>
        partitions.map(({ partition, offset }) => ({ partition, offset: BigInt(offset) < 0n ? null : offset })),
      )
    },
    positionsAt: (time, signal) => client.ask((admin) => positionsAt(admin, time), signal),
    tail: (request) => follow(shared, request),
    lookBack: async (request) => {
      const reading = new Reading(client, read, options.log)
      own.add(reading)
      const tail = await follow(reading, request)
      return { ...tail, close: () => tail.close().finally(() => own.delete(reading)) }
    },
    tap: async ({ topic, onMessage }) => {
      const onBatch = (batch: TopicBatch) => {
        if (batch.topic === topic) for (const message of tapMessages(batch)) onMessage(message)
      }
      return follow(shared, { from: 'latest', onBatch, signal: AbortSignal.timeout(10_000) })
    },
    close: async () => {
      await Promise.all([shared, ...own].map((reading) => reading.close()))
      await client.close()
    },
  }
}

async function findings(admin: Admin, tls: Tls | null): Promise<Findings> {
  const [{ topics: present }, { brokers }] = await Promise.all([admin.fetchTopicMetadata(), admin.describeCluster()])
  const ofTopics = wantedTopics.map(({ topic }) => {
    const found = present.find(({ name }) => name === topic)
    return { part: `topic ${topic}`, ...topicState(topic, found?.partitions) }
  })
  const parts = [{ part: 'brokers', ...(await brokersState(brokers, tls)) }, ...ofTopics]
  const bad = parts.filter(({ state }) => state !== 'up')
  const worst = bad.find(({ held }) => !held) ?? bad[0]
  return { state: worst?.state ?? 'up', reason: worst?.reason ?? null, held: worst?.held ?? false, parts }
}

async function positionsAt(admin: Admin, time: number): Promise<{ positions: Positions; complete: boolean }> {
  const positions = new Positions()
  let complete = true
  for (const topic of read) {
    const found = await admin.fetchTopicOffsetsByTimestamp(topic, time)
    const kept = await admin.fetchTopicOffsets(topic)
    for (const { partition, offset } of found) {
      positions.set(topic, partition, BigInt(offset))
      // Records were removed, and the first one kept is already younger: there may have been more.
      const low = kept.find((k) => k.partition === partition)?.low ?? '0'
      if (BigInt(low) > 0n && BigInt(offset) <= BigInt(low)) complete = false
    }
  }
  return { positions, complete }
}
