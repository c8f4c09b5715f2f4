/** Slows down guessing: so many failures a peer, then a pause. */

export interface ThrottleOptions {
  readonly failures: number
  readonly windowMs: number
  /** Peers remembered at most; the oldest is forgotten first. */
  readonly peers?: number
}

export class Throttle {
  readonly #failures = new Map<string, number[]>()
  readonly #options: Required<ThrottleOptions>

  constructor(options: ThrottleOptions) {
    this.#options = { peers: 1_000, ...options }
  }

  /** ms to wait before the next attempt; 0 when it may be made now. */
  wait(peer: string, now: number): number {
    const recent = this.#recent(peer, now)
    const [oldest] = recent
    if (oldest === undefined || recent.length < this.#options.failures) return 0
    return oldest + this.#options.windowMs - now
  }

  fail(peer: string, now: number): void {
    const recent = [...this.#recent(peer, now), now].slice(-this.#options.failures)
    // Set anew, so that the map stays in the order of the last failure.
    this.#failures.delete(peer)
    this.#failures.set(peer, recent)
    const [first] = this.#failures.keys()
    if (this.#failures.size > this.#options.peers && first !== undefined) this.#failures.delete(first)
  }

  clear(peer: string): void {
    this.#failures.delete(peer)
  }

  #recent(peer: string, now: number): number[] {
    return (this.#failures.get(peer) ?? []).filter((at) => now - at < this.#options.windowMs)
  }
}
