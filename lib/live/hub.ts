/** Between the monitor and the sockets: keeps the numbering, and gathers changes so that they leave a few times a second. */
import type { Overview } from '#lib/pipeline/snapshot.ts'
import { batchMs, type OverviewDelta, type OverviewWhole } from './events.ts'

/** An empty delta leaves after this much silence, so that a viewer can tell a quiet stack from a dead connection. */
const heartbeatMs = 5_000

/** Where the facts come from; the monitor is one. */
export interface OverviewSource {
  overview(): Overview
  onChange(listener: (changes: Partial<Overview>) => void): () => void
}

export interface HubTimes {
  readonly batchMs: number
  readonly heartbeatMs: number
}

/**
 * `whole()` has the number of the last delta, so a viewer that subscribes first and then takes the whole misses nothing.
 * Holds at most one pending change per member of the overview, and nothing while nobody listens.
 */
export class Hub {
  readonly #source: OverviewSource
  readonly #times: HubTimes
  readonly #listeners = new Set<(delta: OverviewDelta) => void>()
  readonly #unsubscribe: () => void
  #pending: Partial<Overview> = {}
  #seq = 0
  #timer: NodeJS.Timeout | null = null
  #heartbeat: NodeJS.Timeout | null = null

  constructor(source: OverviewSource, times: HubTimes = { batchMs, heartbeatMs }) {
    this.#source = source
    this.#times = times
    this.#unsubscribe = source.onChange((changes) => this.#gather(changes))
  }

  whole(): OverviewWhole {
    return { seq: this.#seq, at: Date.now(), overview: this.#source.overview() }
  }

  subscribe(listener: (delta: OverviewDelta) => void): () => void {
    this.#listeners.add(listener)
    this.#heartbeat ??= setInterval(() => this.#flush(), this.#times.heartbeatMs).unref()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#rest()
    }
  }

  close(): void {
    this.#unsubscribe()
    this.#listeners.clear()
    this.#rest()
  }

  #gather(changes: Partial<Overview>): void {
    if (this.#listeners.size === 0) return
    Object.assign(this.#pending, changes)
    this.#timer ??= setTimeout(() => this.#flush(), this.#times.batchMs).unref()
  }

  #flush(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    this.#heartbeat?.refresh()
    const delta: OverviewDelta = { seq: ++this.#seq, at: Date.now(), changes: this.#pending }
    this.#pending = {}
    for (const listener of this.#listeners) listener(delta)
  }

  #rest(): void {
    if (this.#timer) clearTimeout(this.#timer)
    if (this.#heartbeat) clearInterval(this.#heartbeat)
    this.#timer = null
    this.#heartbeat = null
    this.#pending = {}
  }
}
