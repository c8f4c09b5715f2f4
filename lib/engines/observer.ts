/** Turns what an engine's probe found, or the fault it met, into the one vocabulary of states. Probes never throw. */
import type { EngineId } from '#lib/pipeline/stages.ts'
import { observe, type State, type Status } from '#lib/pipeline/status.ts'
import type { EngineStatus } from './engine.ts'
import { EngineError } from './errors.ts'

export interface Finding {
  readonly state: State
  readonly reason: string | null
  /** As in EngineStatus; false when left out. */
  readonly held?: boolean
}

export interface Findings extends Finding {
  readonly parts?: readonly (Finding & { readonly part: string })[]
}

/** Remembers the last states, so that `since` tells how long each has lasted. */
export class Observer {
  readonly #engine: EngineId
  #last: Status | null = null
  #parts = new Map<string, Status>()

  constructor(engine: EngineId) {
    this.#engine = engine
  }

  /** Never throws: a fault becomes a state with its reason. */
  async probe(ask: () => Promise<Findings>): Promise<EngineStatus> {
    const found = await ask().catch(explain)
    const now = Date.now()
    this.#last = observe(this.#last, found.state, found.reason, now)
    const parts = new Map<string, Status>()
    for (const { part, state, reason } of found.parts ?? [])
      parts.set(part, observe(this.#parts.get(part) ?? null, state, reason, now))
    this.#parts = parts
    return {
      engine: this.#engine,
      ...this.#last,
      held: found.held ?? false,
      parts: [...parts].map(([part, status]) => ({ part, ...status })),
    }
  }

  /** The status of a part at the last probe; `unknown` when it was not seen then. */
  part(name: string): Status {
    return this.#parts.get(name) ?? observe(null, 'unknown', 'It could not be asked.', Date.now())
  }
}

/** Nothing listens: down. It listens but is not understood: degraded. No answer, or not allowed to ask: unknown. */
function explain(error: unknown): Findings {
  if (!(error instanceof EngineError)) {
    const reason = error instanceof Error ? error.message : String(error)
    return { state: 'unknown', reason: `The question was given up: ${reason}` }
  }
  const reason = `${error.message}. ${error.hint}`
  if (error.code === 'unreachable') return { state: 'down', reason }
  if (error.code === 'unexpected-reply' || error.code === 'rejected') return { state: 'degraded', reason }
  return { state: 'unknown', reason }
}
