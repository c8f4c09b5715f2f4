/** What the replay process tells about its run: progress.json. */
import type { Reject, RunProgress, RunState } from '#lib/pipeline/run.ts'
import type { RunSetup } from './folder.ts'
import { Meter } from './meter.ts'
import type { Publisher } from './mqtt/publisher.ts'
import type { Source } from './source/index.ts'

const keptRejects = 100

/** Rejects with their place: the first hundred, also over several processes of one run. */
export class Rejects {
  readonly list: Reject[]
  constructor(earlier: RunProgress | null) {
    this.list = [...(earlier?.rejects ?? [])]
  }

  add(reject: Reject): void {
    if (this.list.length < keptRejects && !this.list.some((known) => known.index === reject.index))
      this.list.push(reject)
  }
}

export class Report {
  readonly #setup: RunSetup
  readonly #earlier: RunProgress | null
  readonly #startedAt: number
  readonly #meter = new Meter()

  constructor(setup: RunSetup, earlier: RunProgress | null) {
    this.#setup = setup
    this.#earlier = earlier
    this.#startedAt = earlier?.startedAt ?? Date.now()
  }

  /** Messages below this were sent by an earlier process. */
  get sentBefore(): number {
    return this.#earlier?.sent ?? 0
  }

  /**
   * A seek may take effect here. After a crash a few more messages may have been sent than the last report says, and
   * a seq that was used must not come again with another text.
   */
  get seekFrom(): number {
    if (this.#earlier === null) return 0
    const { options, maxUnconfirmed } = this.#setup
    const burst = options.schedule.kind === 'burst' ? options.schedule.size : 0
    return this.sentBefore + Math.min(maxUnconfirmed, Math.max(burst, Math.ceil(this.#earlier.rate)))
  }

  /** Messages of the whole run, where that is known. */
  #total(exhausted: boolean, next: number, count: number | null): number | null {
    const { limit, loop } = this.#setup.options
    if (exhausted) return next
    if (loop || count === null) return loop || this.#setup.options.mode === 'random' ? limit : null
    return Math.min(limit ?? count, count)
  }

  /** The figures of this moment; called several times a second, as the rate is taken between calls. */
  compose(now: {
    readonly state: RunState
    readonly reason: string | null
    readonly ended: boolean
    readonly exhausted: boolean
    readonly rejected: number
    readonly rejects: Rejects
    readonly publisher: Publisher
    readonly source: Source
  }): RunProgress {
    const { outbox, refused } = now.publisher
    const sent = Math.max(outbox.next, this.sentBefore)
    return {
      runId: this.#setup.id,
      state: now.state,
      read: sent + now.rejected,
      rejected: now.rejected,
      rejects: now.rejects.list,
      sent,
      resent: (this.#earlier?.resent ?? 0) + outbox.resent,
      acked: Math.max(outbox.acked, this.#earlier?.acked ?? 0),
      refused: (this.#earlier?.refused ?? 0) + refused,
      committed: outbox.committed,
      rate: now.ended ? 0 : this.#meter.sample(outbox.next, performance.now()),
      total: this.#total(now.exhausted, sent, now.source.count),
      bytesRead: now.source.bytesRead,
      bytesTotal: now.source.bytesTotal,
      reason: now.reason,
      startedAt: this.#startedAt,
      updatedAt: Date.now(),
      endedAt: now.ended ? Date.now() : null,
    }
  }
}
