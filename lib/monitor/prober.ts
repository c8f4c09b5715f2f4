/** Probes one engine again and again, one question at a time: often while something happens, seldom while nothing does. */
import type { Engine, EngineStatus } from '#lib/engines/engine.ts'

export interface Pace {
  readonly busyMs: number
  readonly idleMs: number
}

const withinMs = 4_000

export class Prober {
  readonly #engine: Engine
  readonly #pace: Pace
  #status: EngineStatus | null = null
  #askedAt = 0
  #asking: Promise<void> | null = null

  constructor(engine: Engine, pace: Pace) {
    this.#engine = engine
    this.#pace = pace
  }

  /** Null until it has answered once. */
  get status(): EngineStatus | null {
    return this.#status
  }

  /** Asks when it is due. An engine that is not up is asked as often as a busy one: somebody is waiting for it. */
  refresh(busy: boolean, signal: AbortSignal): Promise<void> {
    const every = busy || this.#status?.state !== 'up' ? this.#pace.busyMs : this.#pace.idleMs
    if (this.#asking === null && Date.now() - this.#askedAt >= every) {
      this.#askedAt = Date.now()
      this.#asking = this.#ask(AbortSignal.any([signal, AbortSignal.timeout(withinMs)])).finally(() => {
        this.#asking = null
      })
    }
    return this.#asking ?? Promise.resolve()
  }

  async #ask(signal: AbortSignal): Promise<void> {
    this.#status = await this.#engine.probe(signal)
  }
}
