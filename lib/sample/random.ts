/** Seeded random numbers: the same seed gives the same files on every machine. Not for secrets. */

export interface Random {
  /** 0 ≤ x < 1 with 32 bits. */
  next(): number
  /** Whole number, 0 ≤ x < limit; limit up to 2^32. */
  below(limit: number): number
  pick<T>(list: readonly T[]): T
}

/** One independent stream for each purpose, so that a change in one file leaves the others as they are. */
export function seededRandom(seed: number, purpose: string): Random {
  const state = hashWords(`${seed}:${purpose}`)
  // sfc32: small, fast, and long enough in period for any file.
  const step = (): number => {
    const [a = 0, b = 0, c = 0, counter = 0] = state
    const sum = (a + b + counter) | 0
    state[3] = (counter + 1) | 0
    state[0] = b ^ (b >>> 9)
    state[1] = (c + (c << 3)) | 0
    state[2] = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let round = 0; round < 12; round += 1) step()
  const next = () => step() / 2 ** 32
  const below = (limit: number) => Math.floor(next() * limit)
  return { next, below, pick: (list) => list[below(list.length)] as (typeof list)[number] }
}

/** Four 32-bit words out of a text (FNV-1a with four starts). */
function hashWords(text: string): Int32Array {
  return Int32Array.from([0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35], (start) => {
    let hash = start
    for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
    return hash
  })
}

/** Shuffles in place (Fisher–Yates) and returns the same array. */
export function shuffle<T extends Uint8Array | Uint16Array | Uint32Array | Int32Array>(random: Random, list: T): T {
  for (let i = list.length - 1; i > 0; i -= 1) {
    const j = random.below(i + 1)
    const kept = list[i] as number
    list[i] = list[j] as number
    list[j] = kept
  }
  return list
}

/**
 * Assigns every one of `count` things to a class so that the classes have exactly the shares of `weights` (largest remainders),
 * in random order. Up to 256 classes.
 */
export function exactShares(random: Random, count: number, weights: readonly number[]): Uint8Array {
  const whole = weights.reduce((sum, weight) => sum + weight, 0)
  const ideal = weights.map((weight) => (count * weight) / whole)
  const sizes = ideal.map(Math.floor)
  const byRemainder = ideal
    .map((value, index) => ({ index, rest: value - Math.floor(value) }))
    .sort((a, b) => b.rest - a.rest || a.index - b.index)
  let missing = count - sizes.reduce((sum, size) => sum + size, 0)
  for (const { index } of byRemainder) {
    if (missing === 0) break
    sizes[index] = (sizes[index] ?? 0) + 1
    missing -= 1
  }
  const classes = new Uint8Array(count)
  let at = 0
  for (const [index, size] of sizes.entries()) {
    classes.fill(index, at, at + size)
    at += size
  }
  return shuffle(random, classes)
}

/** Random order of 0 … count − 1. */
export function permutation(random: Random, count: number): Uint32Array {
  const order = new Uint32Array(count)
  for (let i = 0; i < count; i += 1) order[i] = i
  return shuffle(random, order)
}
