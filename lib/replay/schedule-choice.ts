/** Which schedule is in force: the one asked for last, unless the tweets turn out to carry no times for it. */
import type { Schedule } from '#lib/pipeline/run.ts'

const timeless = 'The tweets of this file carry no time, so it cannot be replayed by its own times.'

export class ScheduleChoice {
  #schedule: Schedule
  /** The last schedule that the file is known to fit. */
  #sound: Schedule | null
  /** Does the file fit the schedule? Only its next tweet will tell. */
  #unsure = false
  /** Why the schedule that was asked for last is not in force; null where it is. */
  refusal: string | null = null

  /** `sound`: a schedule that the file is known to fit; null where none is. */
  constructor(schedule: Schedule, sound: Schedule | null) {
    this.#schedule = schedule
    this.#sound = sound
    this.#doubt()
  }

  ask(schedule: Schedule): void {
    this.#schedule = schedule
    this.refusal = null
    this.#doubt()
  }

  #doubt(): void {
    this.#unsure = this.needsTime && JSON.stringify(this.#schedule) !== JSON.stringify(this.#sound)
    if (!this.#unsure) this.#sound = this.#schedule
  }

  /** To be followed now. */
  get schedule(): Schedule {
    return this.#schedule
  }

  /** In force, as far as that is known. */
  get known(): Schedule {
    return this.#unsure ? (this.#sound ?? this.#schedule) : this.#schedule
  }

  get needsTime(): boolean {
    return this.#schedule.kind === 'file-time'
  }

  /**
   * To be asked with every tweet, as a file without times shows at the first that is read for a schedule by them:
   * `changed` where the schedule before goes on, or why the run cannot go on at all; null where the tweet fits.
   */
  fit({ time }: { readonly time: number | null }): 'changed' | { readonly fault: string } | null {
    if (!this.#unsure) return null
    this.#unsure = false
    if (time !== null) {
      this.#sound = this.#schedule
      return null
    }
    if (this.#sound === null) return { fault: `${timeless} Choose another schedule.` }
    this.refusal = `${timeless} The schedule before goes on.`
    this.#schedule = this.#sound
    return 'changed'
  }
}
