/** An exact set of positions in a run: a bit each, so a run of 1.67 million messages costs 209 kB. */

/** 32 MB: a run of 268 million messages. */
const mostBits = 2 ** 28
const firstBytes = 1_024

export class SeqSet {
  #bits = new Uint8Array(firstBytes)
  #size = 0
  #overflown = false

  /** Null once a position was too large to be kept, because the size would no longer be exact. */
  get size(): number | null {
    return this.#overflown ? null : this.#size
  }

  /** `seq` must be a whole number of at least 0. */
  add(seq: number): void {
    if (seq >= mostBits) {
      this.#overflown = true
      return
    }
    const at = seq >>> 3
    if (at >= this.#bits.length) this.#grow(at + 1)
    const bit = 1 << (seq & 7)
    const byte = this.#bits[at] ?? 0
    if ((byte & bit) !== 0) return
    this.#bits[at] = byte | bit
    this.#size++
  }

  #grow(bytes: number): void {
    const larger = new Uint8Array(Math.max(bytes, Math.min(this.#bits.length * 2, mostBits / 8)))
    larger.set(this.#bits)
    this.#bits = larger
  }
}
