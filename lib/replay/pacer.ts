/** Holds a timeline against a monotonic clock that stands still while the run is paused. */
import type { Schedule } from '#lib/pipeline/run.ts'
import { type Timeline, timeline } from './timeline.ts'

/**
 * A message leaves up to this much before its time, ms: timers wake about once a millisecond, and so the error
 * lies around zero instead of behind.
 */
const early = 0.5
/** A run that falls further behind does not catch up in a burst: its schedule moves, ms. */
const mostBehind = 1_000

export class Pacer {
  #timeline: Timeline
  readonly #max: boolean
  readonly #now: () => number
  #began: number
  #stopped: number | null = null
  #due: number | null = null

  /** `now` gives monotonic ms. */
  constructor(schedule: Schedule, seed: number, now: () => number = () => performance.now()) {
    this.#timeline = timeline(schedule, seed)
    this.#max = schedule.kind === 'max'
    this.#now = now
    this.#began = now()
  }

  /** ms until the next message is due; 0 when it is. Asked again for the same message until `sent`. */
  wait(fileTime: number | null): number {
    if (this.#max) return 0
    this.#due ??= this.#timeline(fileTime)
    const left = this.#began + this.#due - this.#now()
    if (left < -mostBehind) this.#began -= left
    return left <= early ? 0 : left
  }

  /** The message that was due has left. */
  sent(): void {
    this.#due = null
  }

  stop(): void {
    this.#stopped ??= this.#now()
  }

  start(): void {
    if (this.#stopped !== null) this.#began += this.#now() - this.#stopped
    this.#stopped = null
  }
}
