/** Holds the live state for React; `socket.ts` writes, components read with `useLive`. */

import type { OverviewDelta, OverviewWhole } from '#lib/live/events.ts'
import { applyDelta, applyWhole, emptyState, type LiveState, loseConnection } from './state.ts'

export class LiveStore {
  #state: LiveState
  readonly #listeners = new Set<() => void>()

  constructor(initial: OverviewWhole | null) {
    this.#state =
      initial === null ? emptyState : { ...applyWhole(emptyState, initial, initial.at), connection: 'connecting' }
  }

  readonly get = (): LiveState => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  whole(payload: OverviewWhole): void {
    this.#set(applyWhole(this.#state, payload, Date.now()))
  }

  /** Answers true when the whole must be asked for. */
  delta(payload: OverviewDelta): boolean {
    const waited = this.#state.needsWhole
    this.#set(applyDelta(this.#state, payload, Date.now()))
    return !waited && this.#state.needsWhole
  }

  lost(): void {
    this.#set(loseConnection(this.#state))
  }

  endSession(reason: string): void {
    this.#set({ ...this.#state, sessionEnded: reason })
  }

  #set(next: LiveState): void {
    if (next === this.#state) return
    this.#state = next
    for (const listener of this.#listeners) listener()
  }
}
