/** How many lines to pages may be open at once: in all, for one session, and for callers without a session. */

export interface PlaceLimits {
  readonly all: number
  readonly session: number
  readonly strangers: number
}

/**
 * Strangers are let in only to be told that they need a session, which a refused upgrade cannot tell a page. They are few, and take
 * no places of the others.
 */
export class Places {
  readonly #limits: PlaceLimits
  /** Open lines by session; null for strangers. */
  readonly #open = new Map<string | null, number>()

  constructor(limits: PlaceLimits) {
    this.#limits = limits
  }

  /** False when there is none; a place taken is to be given back by `leave`. */
  take(session: string | null): boolean {
    const open = this.#open.get(session) ?? 0
    const strangers = this.#open.get(null) ?? 0
    const known = [...this.#open.values()].reduce((sum, count) => sum + count, 0) - strangers
    if (session === null ? open >= this.#limits.strangers : open >= this.#limits.session || known >= this.#limits.all)
      return false
    this.#open.set(session, open + 1)
    return true
  }

  leave(session: string | null): void {
    const open = this.#open.get(session) ?? 0
    if (open > 1) this.#open.set(session, open - 1)
    else this.#open.delete(session)
  }
}
