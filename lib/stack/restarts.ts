/** When a service that died is started again: five times in a series, ever later, then not any more. */

const pausesMs = [1_000, 2_000, 4_000, 8_000, 16_000]
/** Ready for so long it has recovered: what comes after is another fault and begins another series. */
const recoveredAfterMs = 60_000

export class Restarts {
  #inSeries = 0
  #total = 0
  #since: number | null = null
  #readySince: number | null = null

  /** All restarts since they were last forgotten. */
  get total(): number {
    return this.#total
  }

  /** When they were last forgotten; null when never. */
  get since(): number | null {
    return this.#since
  }

  noteReady(now: number): void {
    this.#readySince ??= now
  }

  /** Pause before the next restart in ms; null when it has been tried often enough. */
  noteExit(now: number): number | null {
    if (this.#readySince !== null && now - this.#readySince >= recoveredAfterMs) this.#inSeries = 0
    this.#readySince = null
    const pause = pausesMs[this.#inSeries]
    if (pause === undefined) return null
    this.#inSeries++
    this.#total++
    return pause
  }

  /** It ended for want of another service, and is started again with that one: no fault of its own, so none is counted. */
  noteBlocked(): void {
    this.#readySince = null
    this.#total++
  }

  forget(now: number): void {
    this.#inSeries = 0
    this.#total = 0
    this.#since = now
    this.#readySince = null
  }
}

export const mostRestarts = pausesMs.length
