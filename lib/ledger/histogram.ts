/** Times in whole ms, counted in buckets whose width grows with the value: percentiles within 1 % at a fixed size. */
import type { Percentiles } from '#lib/pipeline/ledger.ts'

/** Buckets to each doubling; below twice as many ms every value has its own. */
const perDoubling = 64
const doublings = 22
const longest = 2 ** (doublings + 5)

export class Histogram {
  readonly #counts = new Float64Array((doublings + 1) * perDoubling)
  #total = 0

  /** Below 0 counts as 0 (two clocks), above 37 hours as that. */
  add(ms: number): void {
    const value = Math.min(Math.max(Math.round(ms), 0), longest)
    const doubling = value < perDoubling * 2 ? 0 : 31 - Math.clz32(value) - 6
    const bucket = doubling * perDoubling + (value >> doubling)
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#total++
  }

  /** Null while nothing was counted. */
  percentiles(): Percentiles {
    return { p50: this.#percentile(0.5), p95: this.#percentile(0.95), p99: this.#percentile(0.99) }
  }

  #percentile(share: number): number | null {
    if (this.#total === 0) return null
    let left = Math.ceil(this.#total * share)
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      left -= this.#counts[bucket] ?? 0
      if (left <= 0) return middle(bucket)
    }
    return longest
  }
}

/** The value in the middle of a bucket: off by less than half its width, under 1 %. */
function middle(bucket: number): number {
  const doubling = Math.max(0, Math.floor(bucket / perDoubling) - 1)
  const first = (bucket - doubling * perDoubling) * 2 ** doubling
  return first + (2 ** doubling - 1) / 2
}
