/** Counts what becomes of a file's rows, and keeps the first rejects with their place. */
import { keptRejects, type StaticCounts, type StaticReject } from '#lib/pipeline/statics.ts'

/** A hostile file must not make a list of reasons without end. */
const keptReasons = 40
const otherReason = 'another reason'
const shownChars = 40

/** Where something stands: 1-based line and column, 0-based element. */
export interface Spot {
  readonly line: number
  readonly column: number | null
  readonly element: number
}

export class Tally {
  read = 0
  loaded = 0
  duplicates = 0
  rejected = 0
  #unknownUsers = 0
  readonly #users: ReadonlySet<string> | null
  readonly #reasons = new Map<string, number>()
  readonly #rejects: StaticReject[] = []

  /** `users`: the ids of the users file; null where it was not read. */
  constructor(users: ReadonlySet<string> | null) {
    this.#users = users
  }

  /** A row that is loaded, and the users it names. */
  load(...ids: readonly string[]): void {
    this.read++
    this.loaded++
    const users = this.#users
    if (users !== null && !ids.every((id) => users.has(id))) this.#unknownUsers++
  }

  /** A row that has been loaded before. */
  repeat(): void {
    this.read++
    this.duplicates++
  }

  /** One row, or `times` of them that are refused together. */
  reject(spot: Spot, reason: string, found: string | null = null, times = 1): void {
    this.read += times
    this.rejected += times
    const kept = this.#reasons.has(reason) || this.#reasons.size < keptReasons ? reason : otherReason
    this.#reasons.set(kept, (this.#reasons.get(kept) ?? 0) + times)
    const { line, column, element } = spot
    if (this.#rejects.length < keptRejects)
      this.#rejects.push({ line, column, element, reason, found: found === null ? null : found.slice(0, shownChars) })
  }

  /** The first reject, as a sentence's end; null for none. */
  get first(): string | null {
    const [reject] = this.#rejects
    if (reject === undefined) return null
    return `line ${reject.line}: ${reject.reason}${reject.found === null ? '' : `: ${reject.found}`}`
  }

  counts(): StaticCounts {
    const { read, loaded, duplicates, rejected } = this
    const unknownUsers = this.#users === null ? null : this.#unknownUsers
    const reasons = Object.fromEntries([...this.#reasons].sort(([, a], [, b]) => b - a))
    return { read, loaded, duplicates, rejected, unknownUsers, reasons, rejects: [...this.#rejects] }
  }
}
