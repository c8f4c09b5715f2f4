/**
 * The messages that the checkpoint does not cover yet, encoded, in order of their seq. A packet is encoded once and
 * sent again as the same bytes: its packet id follows from its seq, and two unconfirmed messages never share one.
 */
import { type Chunk, ChunkPool } from './chunks.ts'
import type { Payload, PublishEncoder } from './packets.ts'

/** Packet ids are 1 … 65535, and seqs take them in turn. */
const packetIds = 65_535
/** What unconfirmed messages may take in memory, whatever their number. */
const maxBytes = 64 * 1024 * 1024

const inFlight = 1
const acknowledged = 2
const sentOnce = 4
const ackedOnce = 8

export const packetIdOf = (seq: number): number => (seq % packetIds) + 1

export class Outbox {
  readonly #capacity: number
  readonly #state: Uint8Array
  readonly #chunks: (Chunk | undefined)[]
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  readonly #pool = new ChunkPool()
  readonly #encoder: PublishEncoder
  #bytes = 0
  /** Messages below this seq count as sent before: by an earlier process of the run. */
  readonly #sentBefore: number
  /** The oldest message kept. */
  low: number
  /** The seq that the next new message gets. */
  next: number
  /** The next message to hand to the connection: below `next` while old ones are sent again. */
  cursor: number
  committed: number
  /** Every message up to here has had a good PUBACK. */
  ackedThrough: number
  inFlight = 0
  resent = 0
  acked: number

  /** Goes on after `committed`; `maxUnconfirmed` must stay below the number of packet ids. */
  constructor(encoder: PublishEncoder, maxUnconfirmed: number, committed: number, sentBefore: number) {
    if (maxUnconfirmed >= packetIds) throw new RangeError(`at most ${packetIds - 1} messages may be unconfirmed`)
    this.#encoder = encoder
    this.#capacity = maxUnconfirmed
    this.#state = new Uint8Array(maxUnconfirmed)
    this.#chunks = new Array<Chunk | undefined>(maxUnconfirmed)
    this.#starts = new Int32Array(maxUnconfirmed)
    this.#ends = new Int32Array(maxUnconfirmed)
    this.#sentBefore = sentBefore
    this.committed = this.ackedThrough = committed
    this.low = this.next = this.cursor = this.acked = committed + 1
  }

  get unconfirmed(): number {
    return this.next - 1 - this.committed
  }

  /** New messages that may be kept beside those that are. */
  get left(): number {
    return this.#bytes >= maxBytes ? 0 : this.#capacity - (this.next - this.low)
  }

  get full(): boolean {
    return this.left === 0
  }

  /** Encodes a new message under the next seq; not when `full`. Gives the size of its packet. */
  add(payload: Payload, sentAt: string): number {
    const chunk = this.#pool.room(this.#encoder.room(payload))
    const slot = this.next % this.#capacity
    const start = chunk.used
    const end = this.#encoder.write(chunk.bytes, start, packetIdOf(this.next), String(this.next), sentAt, payload)
    chunk.used = end
    chunk.live++
    this.#chunks[slot] = chunk
    this.#starts[slot] = start
    this.#ends[slot] = end
    this.#state[slot] = this.next < this.#sentBefore ? sentOnce : 0
    this.#bytes += end - start
    this.next++
    return end - start
  }

  /**
   * Hands up to `budget` messages from `cursor` on to `write`, those that lie side by side as one piece. Stops where
   * `write` says no more, and gives the number of messages handed out.
   */
  send(budget: number, write: (bytes: Buffer) => boolean): number {
    let chunk: Chunk | undefined
    let from = 0
    let to = 0
    let count = 0
    let open = true
    while (open && count < budget && this.cursor < this.next) {
      const slot = this.cursor % this.#capacity
      const state = this.#state[slot] as number
      this.cursor++
      if ((state & (acknowledged | inFlight)) !== 0) continue
      const start = this.#starts[slot] as number
      if (chunk !== undefined && (this.#chunks[slot] !== chunk || start !== to)) {
        open = write(chunk.bytes.subarray(from, to))
        chunk = undefined
      }
      if (chunk === undefined) from = start
      chunk = this.#chunks[slot]
      to = this.#ends[slot] as number
      if ((state & sentOnce) !== 0) this.resent++
      this.#state[slot] = state | inFlight | sentOnce
      count++
    }
    if (chunk !== undefined) write(chunk.bytes.subarray(from, to))
    this.inFlight += count
    return count
  }

  /** The message that a packet id stands for; -1 where none is in flight under it. */
  seqOf(packetId: number): number {
    const seq = this.low + ((packetId - 1 - (this.low % packetIds) + packetIds) % packetIds)
    if (seq >= this.next) return -1
    return ((this.#state[seq % this.#capacity] as number) & inFlight) === 0 ? -1 : seq
  }

  /** A good PUBACK. */
  acknowledge(seq: number): void {
    const slot = seq % this.#capacity
    const state = this.#state[slot] as number
    if ((state & ackedOnce) === 0) this.acked++
    this.#state[slot] = (state & ~inFlight) | acknowledged | ackedOnce
    this.inFlight--
    while (this.ackedThrough + 1 < this.next && this.#isAcked(this.ackedThrough + 1)) this.ackedThrough++
    if (seq === this.low) this.#release()
  }

  #isAcked(seq: number): boolean {
    return seq < this.low || ((this.#state[seq % this.#capacity] as number) & ackedOnce) !== 0
  }

  /** The broker did not take it: it is to be sent again, and those after it wait. */
  refuse(seq: number): void {
    const slot = seq % this.#capacity
    this.#state[slot] = (this.#state[slot] as number) & ~inFlight
    this.inFlight--
    this.cursor = Math.min(this.cursor, seq)
  }

  /** The checkpoint: everything up to `seq` is in Kafka. */
  commit(seq: number): void {
    if (seq <= this.committed) return
    this.committed = Math.min(seq, this.next - 1)
    this.#release()
  }

  /** What is still in flight keeps its packet id, so it stays until its PUBACK although it is committed. */
  #release(): void {
    while (this.low <= this.committed) {
      const slot = this.low % this.#capacity
      const state = this.#state[slot] as number
      if ((state & inFlight) !== 0) return
      if ((state & ackedOnce) === 0) this.acked++
      const chunk = this.#chunks[slot]
      this.#chunks[slot] = undefined
      this.#bytes -= (this.#ends[slot] as number) - (this.#starts[slot] as number)
      if (chunk !== undefined) this.#pool.release(chunk)
      this.low++
    }
    this.cursor = Math.max(this.cursor, this.low)
  }

  /** Everything that is not committed is to be sent again. Only while nothing is in flight, or after a disconnect. */
  rewind(): void {
    for (let seq = this.low; seq < this.next; seq++) {
      const slot = seq % this.#capacity
      this.#state[slot] = (this.#state[slot] as number) & (sentOnce | ackedOnce)
    }
    this.inFlight = 0
    this.#release()
    this.cursor = this.low
  }
}
