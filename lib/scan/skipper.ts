/** Passes over bytes that cannot be scanned as a whole: an element too large to hold, or a line that is not JSON. */
import type { JsonWindow } from './json.ts'

export class Skipper {
  readonly #until: 'element' | 'line'
  #depth = 0
  #inString = false
  #afterBackslash = false

  constructor(until: 'element' | 'line') {
    this.#until = until
  }

  /** True when its end is passed; false when more bytes are needed. */
  skip(window: JsonWindow): boolean {
    while (window.pos < window.length) {
      const byte = window.pass()
      if (this.#until === 'line' ? byte === 0x0a : this.#closes(byte)) return true
    }
    return false
  }

  #closes(byte: number): boolean {
    if (this.#inString) {
      if (this.#afterBackslash) this.#afterBackslash = false
      else if (byte === 0x5c) this.#afterBackslash = true
      else if (byte === 0x22) this.#inString = false
      return false
    }
    if (byte === 0x22) this.#inString = true
    else if (byte === 0x7b || byte === 0x5b) this.#depth++
    else if (byte === 0x7d || byte === 0x5d) return --this.#depth === 0
    return false
  }
}
