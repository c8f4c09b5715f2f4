/** Looks after what runs: asks ready services whether they still are, measures them, lets engines mend themselves. */
import type { Logger } from 'pino'
import type { Engine } from '#lib/engines/engine.ts'
import type { Keeper } from './keeper-options.ts'

const checkEveryMs = 5_000
const measureEveryMs = 2_000

export interface Watched {
  readonly keepers: readonly Keeper[]
  readonly engines: readonly Engine[]
  readonly log: Logger
}

export class Watchdog {
  readonly #watched: Watched
  readonly #timers: readonly NodeJS.Timeout[]
  #checking = false
  #measuring = false

  constructor(watched: Watched) {
    this.#watched = watched
    this.#timers = [
      setInterval(() => void this.#check(), checkEveryMs),
      setInterval(() => void this.#measure(), measureEveryMs),
    ]
    // Services outlive the console: watching them is no reason to stay.
    for (const timer of this.#timers) timer.unref()
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }

  /** Leaves a turn out rather than pile up on a slow machine. */
  async #check(): Promise<void> {
    if (this.#checking) return
    this.#checking = true
    try {
      await Promise.allSettled(this.#watched.keepers.map((keeper) => keeper.check()))
      await Promise.all(this.#watched.engines.map((engine) => this.#heal(engine)))
    } catch (error) {
      this.#watched.log.error({ err: error }, 'a check of the services failed')
    } finally {
      this.#checking = false
    }
  }

  /** Only an engine that answers can be told to mend something. */
  async #heal(engine: Engine): Promise<void> {
    const { keepers, log } = this.#watched
    const own = keepers.filter(({ definition }) => definition.engine === engine.id)
    if (engine.heal === undefined || !own.some((keeper) => keeper.isUp)) return
    try {
      const healed = await engine.heal(AbortSignal.timeout(checkEveryMs))
      if (healed.length > 0) log.warn({ engine: engine.id, healed }, 'restarted what had failed')
    } catch (error) {
      log.warn({ err: error, engine: engine.id }, 'what had failed could not be restarted')
    }
  }

  async #measure(): Promise<void> {
    if (this.#measuring) return
    this.#measuring = true
    try {
      await Promise.allSettled(this.#watched.keepers.map((keeper) => keeper.measure()))
    } catch (error) {
      this.#watched.log.error({ err: error }, 'measuring the services failed')
    } finally {
      this.#measuring = false
    }
  }
}
