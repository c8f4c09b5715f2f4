/** Counts a run's records as they pass in Kafka, from their headers alone: offsets count transaction markers too. */
import type { TopicBatch, TopicRecord } from '#lib/engines/kafka/index.ts'
import { lateAfterMs, type Percentiles } from '#lib/pipeline/ledger.ts'
import { headers, topics } from '#lib/pipeline/stages.ts'
import { Histogram } from './histogram.ts'
import { SeqSet } from './seq-set.ts'

export interface KafkaCount {
  readonly total: number
  /** Null when the run's positions are too large to be kept. */
  readonly distinct: number | null
  /** Messages among the dead letters, each counted once. */
  readonly deadLetters: number | null
  readonly late: number
  readonly mqtt: Percentiles
  readonly connect: Percentiles
}

export class KafkaTally {
  readonly #runId: Buffer
  readonly #seqs = new SeqSet()
  readonly #deadSeqs = new SeqSet()
  readonly #mqtt = new Histogram()
  readonly #connect = new Histogram()
  #total = 0
  #late = 0

  constructor(runId: string) {
    this.#runId = Buffer.from(runId)
  }

  /** True when something of the run was in it. */
  take({ topic, records }: TopicBatch): boolean {
    let found = false
    for (const record of records) {
      const run = record.headers?.[headers.runId]
      if (!(run instanceof Buffer) || !run.equals(this.#runId)) continue
      found = true
      if (topic === topics.tweets) this.#count(record)
      else if (topic === topics.deadLetters) this.#addSeq(this.#deadSeqs, record)
    }
    return found
  }

  count(): KafkaCount {
    return {
      total: this.#total,
      distinct: this.#seqs.size,
      deadLetters: this.#deadSeqs.size,
      late: this.#late,
      mqtt: this.#mqtt.percentiles(),
      connect: this.#connect.percentiles(),
    }
  }

  #count(record: TopicRecord): void {
    this.#total++
    this.#addSeq(this.#seqs, record)
    const sentAt = wholeNumber(record, headers.sentAt)
    const receivedAt = wholeNumber(record, headers.receivedAt)
    const recordedAt = Number(record.timestamp)
    if (sentAt !== null && recordedAt - sentAt > lateAfterMs) this.#late++
    if (sentAt !== null && receivedAt !== null) this.#mqtt.add(receivedAt - sentAt)
    if (receivedAt !== null) this.#connect.add(recordedAt - receivedAt)
  }

  #addSeq(set: SeqSet, record: TopicRecord): void {
    const seq = wholeNumber(record, headers.seq)
    if (seq !== null) set.add(seq)
  }
}

const zero = 48
/** More digits might not fit a JS number. */
const mostDigits = 15

/** A header of digits alone; null for anything else. Without a string, because every message passes here. */
function wholeNumber(record: TopicRecord, name: string): number | null {
  const value = record.headers?.[name]
  if (!(value instanceof Buffer) || value.length === 0 || value.length > mostDigits) return null
  let sum = 0
  for (const byte of value) {
    const digit = byte - zero
    if (digit < 0 || digit > 9) return null
    sum = sum * 10 + digit
  }
  return sum
}
