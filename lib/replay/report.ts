/** What the replay process tells about its run: progress.json. */
import type { Bounds, Reject, RunProgress, RunState, Schedule } from '#lib/pipeline/run.ts'
import type { RunFolder, RunSetup } from './folder.ts'
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
  #trouble = ''
  /** Under way. */
  writing: Promise<void> | null = null

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
   * A schedule that the file is known to fit, as the last report knew: by file times only once a tweet was seen, and
   * then something was sent.
   */
  get sound(): Schedule | null {
    const schedule = this.#earlier?.schedule ?? this.#setup.options.schedule
    return schedule.kind !== 'file-time' || this.sentBefore > 0 ? schedule : null
  }

  /** Messages of the whole run, where that is known; `left` are those of the pass under way. */
  #total({ limit, loop }: Bounds, next: number, left: number | null): number | null {
    if (loop || this.#setup.options.mode === 'random') return limit
    return left === null ? null : Math.min(limit ?? Number.POSITIVE_INFINITY, next + left)
  }

  /** Not awaited: a slow disk must not hold up messages, nor may a full one end the run. The next report tries again. */
  write(folder: RunFolder, compose: () => RunProgress): void {
    this.writing ??= folder
      .reportProgress(compose())
      .then(
        () => '',
        (error) => `the progress could not be written: ${error}\n`,
      )
      .then((trouble) => {
        // Once for each trouble, not several times a second.
        if (trouble !== this.#trouble) process.stderr.write(trouble)
        this.#trouble = trouble
        this.writing = null
      })
  }

  /** The figures of this moment; called several times a second, as the rate is taken between calls. */
  compose(now: {
    readonly state: RunState
    readonly schedule: Schedule
    readonly bounds: Bounds
    readonly left: number | null
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
      schedule: now.schedule,
      bounds: now.bounds,
      read: sent + now.rejected,
      rejected: now.rejected,
      rejects: now.rejects.list,
      sent,
      resent: (this.#earlier?.resent ?? 0) + outbox.resent,
      acked: Math.max(outbox.acked, this.#earlier?.acked ?? 0),
      refused: (this.#earlier?.refused ?? 0) + refused,
      committed: outbox.committed,
      rate: now.ended ? 0 : this.#meter.sample(outbox.next, performance.now()),
      total: now.exhausted ? sent : this.#total(now.bounds, outbox.next, now.left),
      bytesRead: now.source.bytesRead,
      bytesTotal: now.source.bytesTotal,
      reason: now.reason,
      startedAt: this.#startedAt,
      updatedAt: Date.now(),
      endedAt: now.ended ? Date.now() : null,
    }
  }
}
