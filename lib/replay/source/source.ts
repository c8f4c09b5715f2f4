/** What a run draws its tweets from, in the order of its mode. */
import type { Mode, Reject } from '#lib/pipeline/run.ts'
import type { ElementMark } from '#lib/scan/elements.ts'

/**
 * A point in a run's order: the tweet at `index` (0-based) of pass `pass` comes next. `sequential` counts the
 * file's tweets, rejected ones too; `shuffle` counts within the shuffled order; `random` counts draws.
 */
export interface Position {
  readonly pass: number
  readonly index: number
}

/** A place at the start of an element from which another reader may go on. */
export interface Mark extends ElementMark {
  /** 0-based position of the next tweet. */
  readonly index: number
}

/** A tweet as it stands in the file, not decoded; it holds until the next `take`, `more` or `open`. */
export interface RawTweet {
  /** Digits, never a number: 15 % of the ids exceed 2^53. */
  readonly userId: string
  /** Its text as a JSON string with the quotes: valid JSON from `start` up to, not including, `end`. */
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  /** The file's own time in ms since the epoch, where it has one and the schedule needs it. */
  readonly time: number | null
}

export interface SourceOptions {
  readonly file: string
  readonly mode: Mode
  readonly seed: number
  /** Does another pass follow? Asked wherever one has ended, as it may change. */
  readonly loop: () => boolean
  /** Does the schedule need each tweet's own time? Asked for every tweet, as a schedule may change. */
  readonly needsTime: () => boolean
  /** Where a packed file may be unpacked to. */
  readonly scratch: string
}

export interface Source {
  /** Goes to a position; a mark saves reading the file up to it. */
  open(position: Position, mark?: Mark): Promise<void>
  /** The next tweet; null when none is at hand: see `ended`, or `await more()`. */
  take(): RawTweet | null
  /** Gets further bytes. Rejects with FileFault after all tweets before the break were taken. */
  more(): Promise<void>
  /** Nothing is left. Never while `loop` says so, unless the file holds no tweet at all. */
  readonly ended: boolean
  /** Where the next tweet stands; exact right after open() and after each take(). */
  readonly position: Position
  /** Set where open() could begin here without reading what lies before; undefined where it need not read anyway. */
  mark(): Mark | null | undefined
  readonly rejects: RejectFilter
  /** Tweets left in this pass; null where the file has not been read to its end, and where a pass has none. */
  readonly left: number | null
  readonly bytesRead: number
  readonly bytesTotal: number
  close(): Promise<void>
}

/** Called for each bad tweet as it is met. */
export type OnReject = (reject: Reject) => void

/** A bad tweet counts once, whatever loops and seeks pass over it again; they all come in file order. */
export class RejectFilter {
  readonly #onReject: OnReject
  #seen = -1

  constructor(onReject: OnReject) {
    this.#onReject = onReject
  }

  /** 0-based position of the last one that counts; -1 for none. */
  get seen(): number {
    return this.#seen
  }

  /** Rejects up to here are counted already. */
  startAfter(index: number): void {
    this.#seen = Math.max(this.#seen, index)
  }

  add(reject: Reject): void {
    if (reject.index !== null && reject.index <= this.#seen) return
    this.#seen = reject.index ?? this.#seen
    this.#onReject(reject)
  }
}
