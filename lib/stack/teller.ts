/** Tells listeners of changes, those that come together as one. */

/** Changes within so many ms are told together. */
const tellAfterMs = 50

export class Teller<T> {
  readonly #look: () => T
  readonly #listeners = new Set<(value: T) => void>()
  #telling: NodeJS.Timeout | null = null
  #closed = false

  constructor(look: () => T) {
    this.#look = look
  }

  /** Called at most 20 times a second. Returns the unsubscribe. */
  onChange(listener: (value: T) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  changed(): void {
    if (this.#listeners.size === 0 || this.#telling !== null || this.#closed) return
    this.#telling = setTimeout(() => {
      this.#telling = null
      const value = this.#look()
      for (const listener of this.#listeners) listener(value)
    }, tellAfterMs)
  }

  close(): void {
    this.#closed = true
    if (this.#telling !== null) clearTimeout(this.#telling)
    this.#listeners.clear()
  }
}
