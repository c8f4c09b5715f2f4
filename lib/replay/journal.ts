/**
 * The file `positions` of a run: from which seq on its source stood where, and which bounds it had. Together with the
 * checkpoint it answers "which tweet is seq n" after any crash, so that a message sent again carries the same seq and
 * the same text, and that the run ends where it would have ended.
 * A line is on the disk before the first message that it speaks of is sent.
 */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { Bounds } from '#lib/pipeline/run.ts'
import type { Mark, Position } from './source/index.ts'

/** `start`, `seek` and `pass` move the source; a `mark` only saves reading: the source passes there by itself. */
export interface Entry {
  readonly kind: 'start' | 'seek' | 'pass' | 'mark'
  /** The first message that comes from here. */
  readonly seq: number
  readonly position: Position
  /** Bad tweets counted before it, and the last of them. */
  readonly rejected: number
  readonly lastReject: number
  readonly mark: Mark | null
  /** Of the seek that asked for it; 0 for the other kinds. */
  readonly version: number
}

/** Other bounds from the message `seq` on: a pass that ends before a later message, or before this one, obeys them. */
export interface BoundsEntry extends Bounds {
  readonly kind: 'bounds'
  readonly seq: number
}

export class Journal {
  readonly #fd: number
  readonly #began: Bounds
  readonly #entries: Entry[] = []
  readonly #bounds: BoundsEntry[] = []

  private constructor(fd: number, began: Bounds, entries: readonly (Entry | BoundsEntry)[]) {
    this.#fd = fd
    this.#began = began
    for (const entry of entries) this.#add(entry)
  }

  /** `began`: the bounds that the run began with. A last line that a crash cut short was never relied on, and is dropped. */
  static open(path: string, began: Bounds): Journal {
    const fd = openSync(path, 'a+', 0o600)
    const lines = readFileSync(fd, 'utf8').split('\n')
    const torn = lines.pop()
    if (torn !== undefined && torn !== '') writeSync(fd, '\n')
    const entries = lines.flatMap((line) => {
      try {
        return [JSON.parse(line) as Entry | BoundsEntry]
      } catch {
        return []
      }
    })
    return new Journal(fd, began, entries)
  }

  #add(entry: Entry | BoundsEntry): void {
    if (entry.kind === 'bounds') this.#bounds.push(entry)
    else this.#entries.push(entry)
  }

  get empty(): boolean {
    return this.#entries.length === 0
  }

  /** Entries must not go back: the seq of the last one; -1 for none. */
  get last(): number {
    return this.#entries.at(-1)?.seq ?? -1
  }

  /** Appends, and returns when it is on the disk; a mark may get there later, as nothing relies on it. */
  write(entry: Entry | BoundsEntry): void {
    writeSync(this.#fd, `${JSON.stringify(entry)}\n`)
    if (entry.kind !== 'mark') fsyncSync(this.#fd)
    this.#add(entry)
  }

  /** Version of the last seek that was done; 0 for none. */
  get seeks(): number {
    return Math.max(0, ...this.#entries.map((entry) => entry.version))
  }

  /** The bounds that were asked for last, and hold from some message on. */
  get wanted(): Bounds {
    const { loop, limit } = this.#bounds.at(-1) ?? this.#began
    return { loop, limit }
  }

  /** The bounds for message `seq`. A limit below what was sent already when it came is what was sent. */
  boundsAt(seq: number): Bounds {
    // Asked for every message; few runs ever change their bounds.
    if (this.#bounds.length === 0) return this.#began
    const entry = this.#bounds.findLast((bounds) => bounds.seq <= seq)
    if (entry === undefined) return this.#began
    return { loop: entry.loop, limit: entry.limit === null ? null : Math.max(entry.limit, entry.seq) }
  }

  /** Where to begin in order to reach `seq`: the last entry at or before it. */
  before(seq: number): Entry | null {
    return this.#entries.findLast((entry) => entry.seq <= seq) ?? null
  }

  /** The moves that come after an entry, in order; of several at one seq only the last counts. */
  after(entry: Entry): Entry[] {
    const moves = this.#entries.slice(this.#entries.indexOf(entry) + 1).filter((e) => e.kind !== 'mark')
    return moves.filter((move, i) => moves[i + 1]?.seq !== move.seq)
  }

  close(): void {
    closeSync(this.#fd)
  }
}
