/**
 * One reading of topics for any number of followers: taps and the ledger. Read committed, so that aborted
 * transactions are never seen. Each follower gets every record from its own start exactly once, across restarts of
 * Kafka and faults of the consumer: places are kept here and every consumer begins at them, whatever the group says.
 */
import { randomUUID } from 'node:crypto'
import type { Consumer, EachBatchPayload } from 'kafkajs'
import type { Logger } from 'pino'
import type { KafkaClient } from './client.ts'
import { earliest, Positions } from './positions.ts'

/** A record as the broker keeps it. */
export interface TopicRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly offset: string
  /** Kafka's time of the record, ms since the epoch as a decimal. */
  readonly timestamp: string
  readonly headers?: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>
}

export interface TopicBatch {
  readonly topic: string
  readonly partition: number
  /** In order of offset; never empty. */
  readonly records: readonly TopicRecord[]
}

interface Follower {
  readonly positions: Positions
  readonly onBatch: (batch: TopicBatch) => void
}

/** Consumer groups of ours begin with this; they are deleted when their reading ends. */
export const groupPrefix = 'aviary-reading-'

const firstPauseMs = 500
const longestPauseMs = 4_000
/** A consumer that has not finished a fetch for so long is taken for dead; it fetches several times a second. */
const silenceMs = 15_000

export class Reading {
  readonly #client: KafkaClient
  readonly #topics: readonly string[]
  readonly #log: Logger
  readonly #followers = new Set<Follower>()
  readonly #waiting = new Set<() => void>()
  #stop: AbortController | null = null
  #loop: Promise<void> = Promise.resolve()

  constructor(client: KafkaClient, topics: readonly string[], log: Logger) {
    this.#client = client
    this.#topics = topics
    this.#log = log
  }

  /** Where a follower that wants only what is new begins; null while nothing is read. */
  get live(): Positions | null {
    const all = [...this.#followers].map((f) => f.positions)
    if (all.length === 0) return null
    // All followers of a running reading stand at the same place, unless one is still catching up.
    const furthest = new Positions()
    for (const positions of all) for (const p of positions.entries()) furthest.advance(p.topic, p.partition, p.offset)
    return furthest
  }

  follow(from: Positions, onBatch: (batch: TopicBatch) => void): Follower {
    const live = this.live
    const follower = { positions: from.copy(), onBatch }
    this.#followers.add(follower)
    if (live === null || !from.hasReached(live)) this.#restart()
    return follower
  }

  async unfollow(follower: Follower): Promise<void> {
    this.#followers.delete(follower)
    if (this.#followers.size > 0) return
    this.#stop?.abort()
    await this.#loop
  }

  /** Resolves when the follower has got everything before `end`; rejects when `signal` aborts. */
  async reached(follower: Follower, end: Positions, signal: AbortSignal): Promise<void> {
    while (!follower.positions.hasReached(end)) {
      signal.throwIfAborted()
      const progress = Promise.withResolvers<void>()
      this.#waiting.add(progress.resolve)
      signal.addEventListener('abort', () => progress.resolve(), { once: true })
      await progress.promise
      this.#waiting.delete(progress.resolve)
    }
  }

  async close(): Promise<void> {
    this.#followers.clear()
    this.#stop?.abort()
    await this.#loop
  }

  #restart(): void {
    this.#stop?.abort()
    const stop = new AbortController()
    this.#stop = stop
    this.#loop = this.#loop.then(() => this.#keepReading(stop.signal))
  }

  async #keepReading(signal: AbortSignal): Promise<void> {
    let pauseMs = firstPauseMs
    while (!signal.aborted) {
      const began = Date.now()
      await this.#readUntilFault(signal).catch((error: unknown) =>
        this.#log.warn({ err: error, topics: this.#topics }, 'The reading of Kafka was interrupted and will go on'),
      )
      if (Date.now() - began > 30_000) pauseMs = firstPauseMs
      if (!signal.aborted) await pause(pauseMs, signal)
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    }
  }

  async #readUntilFault(signal: AbortSignal): Promise<void> {
    const groupId = groupPrefix + randomUUID()
    const consumer = this.#client.consumer(groupId)
    const fault = Promise.withResolvers<void>()
    let lastFetch = Date.now()
    // Before the first fetch of every generation, also after a rejoin, when kafkajs forgets where it was.
    consumer.on(consumer.events.GROUP_JOIN, () => this.#seek(consumer))
    consumer.on(consumer.events.FETCH, () => {
      lastFetch = Date.now()
    })
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: p }) => this.#passed(p.topic, p.partition, p.lastOffset))
    consumer.on(consumer.events.CRASH, ({ payload }) => fault.reject(payload.error))
    const watchdog = setInterval(() => {
      if (Date.now() - lastFetch > silenceMs) fault.reject(new Error(`nothing was fetched for ${silenceMs} ms`))
    }, 1_000)
    signal.addEventListener('abort', () => fault.resolve(), { once: true })
    if (signal.aborted) fault.resolve()
    try {
      await consumer.connect()
      await consumer.subscribe({ topics: [...this.#topics], fromBeginning: true })
      await consumer.run({ autoCommit: false, eachBatch: async (payload) => this.#deliver(payload) })
      await fault.promise
    } finally {
      clearInterval(watchdog)
      await consumer.disconnect().catch(() => {})
      // Groups that a dead Kafka keeps expire there by themselves.
      await this.#client.ask((admin) => admin.deleteGroups([groupId]), AbortSignal.timeout(2_000)).catch(() => {})
    }
  }

  #seek(consumer: Consumer): void {
    for (const { topic, partition, offset } of earliest([...this.#followers].map((f) => f.positions)).entries())
      consumer.seek({ topic, partition, offset: offset.toString() })
  }

  async #deliver({ batch }: EachBatchPayload): Promise<void> {
    const { topic, partition, messages } = batch
    const last = messages.at(-1)
    const first = messages[0]
    if (first === undefined || last === undefined) return
    for (const follower of this.#followers) {
      let next = follower.positions.get(topic, partition) ?? 0n
      // The topic was made anew: its end lies before what was read already.
      if (BigInt(batch.highWatermark) < next) {
        next = 0n
        follower.positions.set(topic, partition, next)
      }
      if (BigInt(last.offset) < next) continue
      const records = BigInt(first.offset) >= next ? messages : messages.filter((m) => BigInt(m.offset) >= next)
      follower.positions.set(topic, partition, BigInt(last.offset) + 1n)
      this.#hand(follower, { topic, partition, records })
    }
  }

  #hand(follower: Follower, batch: TopicBatch): void {
    try {
      follower.onBatch(batch)
    } catch (error) {
      // One follower's fault must not repeat or withhold records for the others.
      this.#log.error({ err: error, topic: batch.topic }, 'A follower of the reading failed')
    }
  }

  /** Also for batches of markers alone, which are not delivered: they take offsets too. */
  #passed(topic: string, partition: number, lastOffset: string): void {
    for (const { positions } of this.#followers) positions.advance(topic, partition, BigInt(lastOffset) + 1n)
    for (const wake of this.#waiting) wake()
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
  clearTimeout(timer)
}
