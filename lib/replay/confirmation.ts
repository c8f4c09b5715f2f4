/**
 * Follows the checkpoint and rewinds when it stands still: everything is acknowledged, yet the connector does not
 * commit it, because the broker lost what it had acknowledged. Nothing new is sent before the rewind is through.
 */
import type { Checkpoint } from './checkpoint.ts'
import type { Publisher } from './mqtt/publisher.ts'

const firstPatienceMs = 5_000
/** Patience doubles with every rewind that did not help: a paused connector must not fill the broker's queue. */
const longestPatienceMs = 300_000
/** A checkpoint that stays below what it was for so long has been deleted. */
const forgottenMs = 10_000

export class Confirmation {
  readonly #publisher: Publisher
  readonly #checkpoint: Checkpoint
  readonly #fatal: (reason: string) => void
  #movedAt = performance.now()
  #patienceMs = firstPatienceMs
  #asking = false
  #behindSince: number | null = null
  /** Set while new messages must wait for a rewind. */
  holding = false
  /** Why the checkpoint does not move; null where it does or nothing is known to stand in its way. */
  obstacle: string | null = null
  /** Why it could not be asked; null where it could. */
  trouble: string | null = null
  rewinds = 0

  constructor(publisher: Publisher, checkpoint: Checkpoint, fatal: (reason: string) => void) {
    this.#publisher = publisher
    this.#checkpoint = checkpoint
    this.#fatal = fatal
  }

  /** `urgent` tells whether the run stands still for want of a newer checkpoint. */
  start(urgent: () => boolean): void {
    const { outbox } = this.#publisher
    this.#checkpoint.follow(() => {
      if (outbox.unconfirmed === 0) return 'no'
      return outbox.full || urgent() ? 'now' : 'soon'
    })
  }

  /** The checkpoint said so. */
  committed(seq: number): void {
    const { outbox } = this.#publisher
    if (seq < outbox.committed) {
      this.#behindSince ??= performance.now()
      if (performance.now() - this.#behindSince > forgottenMs)
        this.#fatal(
          `Kafka Connect has committed up to message ${seq} of this run, but had committed up to ${outbox.committed} before: its offsets were deleted. Start a new run.`,
        )
      return
    }
    this.#behindSince = null
    if (seq === outbox.committed) return
    outbox.commit(seq)
    this.#movedAt = performance.now()
    this.#patienceMs = firstPatienceMs
    this.obstacle = null
  }

  /** Several times a second. */
  tick(): void {
    const { outbox, connected } = this.#publisher
    const now = performance.now()
    if (outbox.unconfirmed === 0 || !connected || this.trouble !== null) {
      this.#movedAt = now
      this.holding = false
      return
    }
    if (now - this.#movedAt < this.#patienceMs) return
    this.holding = true
    if (outbox.inFlight === 0 && outbox.cursor === outbox.next && !this.#asking) this.#stalled()
  }

  async #stalled(): Promise<void> {
    this.#asking = true
    const before = this.#publisher.outbox.committed
    this.obstacle = await this.#checkpoint.obstacle()
    // The last answer may be as old as our patience, where Connect is slow to give one.
    const seq = this.obstacle === null ? await this.#checkpoint.read() : null
    if (seq !== null && seq > before) this.committed(seq)
    this.#asking = false
    if (this.#publisher.outbox.committed !== before) {
      this.holding = false
      return
    }
    this.#movedAt = performance.now()
    if (seq === before && this.#publisher.rewind()) {
      this.rewinds++
      this.#patienceMs = Math.min(this.#patienceMs * 2, longestPatienceMs)
    }
    this.holding = false
  }
}
