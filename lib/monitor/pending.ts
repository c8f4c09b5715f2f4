/** Records on their way to a reader, by their offsets. Markers take offsets between and after them, so differences are no counts. */
import type { TopicBatch } from '#lib/engines/kafka/index.ts'

/** Offsets that follow each other, all of records; the last one is before `end`. */
interface Stretch {
  from: bigint
  end: bigint
}

export class Pending {
  /** In order, by partition. */
  readonly #stretches = new Map<number, Stretch[]>()

  /** Records in order of offset within a partition. */
  add({ partition, records }: Pick<TopicBatch, 'partition' | 'records'>): void {
    const stretches = this.#stretches.get(partition) ?? []
    this.#stretches.set(partition, stretches)
    for (const record of records) {
      const offset = BigInt(record.offset)
      const last = stretches.at(-1)
      // The topic was made anew.
      if (last !== undefined && offset < last.end) stretches.length = 0
      if (last?.end === offset) last.end = offset + 1n
      else stretches.push({ from: offset, end: offset + 1n })
    }
  }

  /** Takes out what comes before `next`. */
  drop(partition: number, next: bigint): void {
    const left = (this.#stretches.get(partition) ?? []).filter(({ end }) => end > next)
    const [first] = left
    if (first !== undefined && first.from < next) first.from = next
    this.#stretches.set(partition, left)
  }

  clear(): void {
    this.#stretches.clear()
  }

  get count(): number {
    const stretches = [...this.#stretches.values()].flat()
    return Number(stretches.reduce((sum, { from, end }) => sum + (end - from), 0n))
  }
}
