/** Places in topics. Offsets are 64 bit, so they are BigInt here and decimals elsewhere, never JS numbers. */

/** The next offset to read, by topic and partition; a partition without one is read from its beginning. */
export class Positions {
  readonly #next = new Map<string, Map<number, bigint>>()

  get(topic: string, partition: number): bigint | undefined {
    return this.#next.get(topic)?.get(partition)
  }

  set(topic: string, partition: number, offset: bigint): void {
    const partitions = this.#next.get(topic) ?? new Map<number, bigint>()
    this.#next.set(topic, partitions.set(partition, offset))
  }

  /** Moves on to `offset`, never back. */
  advance(topic: string, partition: number, offset: bigint): void {
    const now = this.get(topic, partition)
    if (now === undefined || now < offset) this.set(topic, partition, offset)
  }

  *entries(): Generator<{ topic: string; partition: number; offset: bigint }> {
    for (const [topic, partitions] of this.#next)
      for (const [partition, offset] of partitions) yield { topic, partition, offset }
  }

  copy(): Positions {
    const copy = new Positions()
    for (const { topic, partition, offset } of this.entries()) copy.set(topic, partition, offset)
    return copy
  }

  /** True when nothing before `others` is left to read. */
  hasReached(others: Positions): boolean {
    return [...others.entries()].every(({ topic, partition, offset }) => (this.get(topic, partition) ?? 0n) >= offset)
  }
}

/** For each partition the earliest place among all: where a common reading must begin. */
export function earliest(all: readonly Positions[]): Positions {
  const least = new Positions()
  for (const { topic, partition } of all.flatMap((positions) => [...positions.entries()])) {
    for (const positions of all) {
      const place = positions.get(topic, partition) ?? 0n
      const now = least.get(topic, partition)
      if (now === undefined || place < now) least.set(topic, partition, place)
    }
  }
  return least
}
