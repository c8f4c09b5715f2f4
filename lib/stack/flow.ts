/** Bringing up and taking down: one at a time. */
import type { ServiceDefinition } from '#lib/runtime/definition.ts'

export interface Flow {
  readonly kind: 'up' | 'down'
  readonly services: readonly ServiceDefinition[]
  readonly controller: AbortController
  readonly done: Promise<void>
}

export interface FlowRequest {
  readonly kind: Flow['kind']
  readonly services: readonly ServiceDefinition[]
  /** Why a start under way is ended for this one. */
  readonly reason: Error
  readonly work: (signal: AbortSignal) => Promise<void>
}

export class Flows {
  readonly #closed: AbortSignal
  readonly #onChange: () => void
  #current: Flow | null = null

  constructor(closed: AbortSignal, onChange: () => void) {
    this.#closed = closed
    this.#onChange = onChange
  }

  get current(): Flow | null {
    return this.#current
  }

  /** A start under way is ended with the reason, a stop under way is waited for. */
  begin({ kind, services, reason, work }: FlowRequest): Flow {
    const before = this.#current
    if (before?.kind === 'up') before.controller.abort(reason)
    const controller = new AbortController()
    const done = (before?.done ?? Promise.resolve())
      .catch(() => {})
      .then(() => work(AbortSignal.any([controller.signal, this.#closed])))
      .finally(() => {
        // Whatever a failed start was still waiting for.
        controller.abort(new Error('It has ended.'))
        if (this.#current === flow) this.#current = null
        this.#onChange()
      })
    done.catch(() => {})
    const flow = { kind, services, controller, done }
    this.#current = flow
    this.#onChange()
    return flow
  }
}
