/** Chance that can be repeated: every draw is a function of the seed and its number, so a run can resume anywhere. */

/** A 32-bit mix of two numbers (the finaliser of MurmurHash3, applied to both). */
function mix(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35)
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** The draw with number `n` (an integer below 2^53) of a seed: uniform in [0, 1), 32 bits fine. */
export function draw(seed: number, n: number): number {
  return mix(mix(seed, n >>> 0), Math.floor(n / 2 ** 32)) / 2 ** 32
}

/** 0 … count−1 in an order that the seed fixes (Fisher and Yates). Four bytes an entry. */
export function shuffled(count: number, seed: number): Uint32Array {
  const order = new Uint32Array(count)
  for (let i = 0; i < count; i++) order[i] = i
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(draw(seed, i) * (i + 1))
    const held = order[i] as number
    order[i] = order[j] as number
    order[j] = held
  }
  return order
}
