/** When a service that died is started again: five times, ever later, then not any more. */

const pausesMs = [1_000, 2_000, 4_000, 8_000, 16_000]
/** After so long without a fault the earlier ones say nothing about the next. */
const forgottenAfterMs = 600_000

export class Restarts {
  #used = 0
  #readySince: number | null = null

  /** Restarts since it was last started by hand, or since they were forgotten. */
  get count(): number {
    return this.#used
  }

  noteReady(now: number): void {
    this.#readySince ??= now
  }

  /** Pause before the next restart in ms; null when it has been tried often enough. */
  noteExit(now: number): number | null {
    if (this.#readySince !== null && now - this.#readySince >= forgottenAfterMs) this.#used = 0
    this.#readySince = null
    const pause = pausesMs[this.#used]
    if (pause === undefined) return null
    this.#used++
    return pause
  }

  forget(): void {
    this.#used = 0
    this.#readySince = null
  }
}

export const mostRestarts = pausesMs.length
