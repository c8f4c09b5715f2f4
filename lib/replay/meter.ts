/** Rate over the last second, from samples taken several times a second. */

const spanMs = 1_000

export class Meter {
  readonly #samples: { readonly at: number; readonly count: number }[] = []

  /** Adds a reading of a count that only grows, `at` in monotonic ms, and gives the rate a second. */
  sample(count: number, at: number): number {
    this.#samples.push({ at, count })
    while (this.#samples.length > 2 && (this.#samples[1] as { at: number }).at <= at - spanMs) this.#samples.shift()
    const first = this.#samples[0] as { at: number; count: number }
    return at > first.at ? ((count - first.count) / (at - first.at)) * 1000 : 0
  }
}
