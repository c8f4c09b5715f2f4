/** Work on one service follows the earlier work on it, however that ended; different services do not wait for each other. */
import type { ServiceId } from '#lib/pipeline/stages.ts'

export class Turns {
  readonly #last = new Map<ServiceId, Promise<unknown>>()

  /** Resolves and rejects as `work` does. */
  take<T>(service: ServiceId, work: () => Promise<T>): Promise<T> {
    const previous = this.#last.get(service) ?? Promise.resolve()
    const mine = previous.then(work, work)
    this.#last.set(service, mine)
    return mine
  }

  /** Resolves when the work taken on by now has ended, well or not. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#last.values())
  }
}
