/** Gives the tweet of each seq: the source, moved by loops and seeks, with the journal that makes it repeatable. */
import type { Bounds } from '#lib/pipeline/run.ts'
import type { Entry, Journal } from './journal.ts'
import type { Position, RawTweet, Source } from './source/index.ts'

/** A mark is written this often at most, and only after so many messages: below that, reading again is faster. */
const markEveryMs = 10_000
const markEveryMessages = 50_000
/** Where it is too early for one, the clock is looked at again after so many. */
const lookEveryMessages = 1_000
/** Loops over a small file pass many times a second; a pass can be found again from the one before. */
const passEveryMs = 1_000

export class Feed {
  readonly #source: Source
  readonly #journal: Journal
  /** Bad tweets so far. */
  rejected = 0
  /** Moves that an earlier process made, still to be repeated. */
  #moves: Entry[] = []
  #move: Position | null = null
  #markedAt = performance.now()
  /** From this message on a mark may be written. */
  #markFrom = 0
  #passedAt = Number.NEGATIVE_INFINITY
  /** The message that was asked for last. */
  #seq = 0
  /** The message that was given a tweet last: it may wait for its time. */
  #given = -1
  /** The pass it is of, and that of the message before it. */
  #pass = 0
  #passBefore = 0
  /** The pass in which the source stands; asked seldom, as it makes an object. */
  #sourcePass = 0
  /** Where the pass under way began; -1 where this process did not see that. */
  #passSeq = -1

  constructor(source: Source, journal: Journal) {
    this.#source = source
    this.#journal = journal
  }

  /** Goes to where `seq` comes next. */
  async begin(seq: number): Promise<void> {
    if (this.#journal.empty) this.#write('start', 0, { pass: 0, index: 0 })
    const entry = this.#journal.before(seq)
    if (entry === null) throw new Error(`the positions of this run do not reach back to message ${seq}`)
    this.#moves = this.#journal.after(entry)
    this.rejected = entry.rejected
    this.#source.rejects.startAfter(entry.lastReject)
    this.#markFrom = seq + markEveryMessages
    this.#passSeq = entry.kind === 'pass' ? entry.seq : -1
    this.#pass = entry.kind === 'pass' ? entry.position.pass - 1 : entry.position.pass
    await this.#source.open(entry.position, entry.mark ?? undefined)
    this.#sourcePass = this.#source.position.pass
    for (let at = entry.seq; at < seq; ) {
      if (this.take(at) !== null) at++
      else if (this.ended) throw new Error('the tweets file is shorter than when the run began')
      else await this.more(at)
    }
  }

  /** The tweet that message `seq` carries; null when none is at hand: see `ended`, or await more(seq). */
  take(seq: number): RawTweet | null {
    this.#reach(seq)
    const tweet = this.#move === null && !this.#unbegun ? this.#source.take() : null
    if (tweet === null) return null
    this.#given = seq
    this.#passBefore = this.#pass
    this.#pass = this.#sourcePass
    return tweet
  }

  /** Message `seq` is the next: a move that an earlier process made there is repeated. */
  #reach(seq: number): void {
    this.#seq = seq
    if (this.#moves[0]?.seq !== seq) return
    const { kind, position } = this.#moves.shift() as Entry
    this.#move = position
    this.#passSeq = kind === 'pass' ? seq : -1
  }

  /** Nothing is left for the message asked for last. */
  get ended(): boolean {
    return this.#move === null && (this.#unbegun || (this.#source.ended && this.#given !== this.#seq))
  }

  /** The source stands in a new pass, but the loop was turned off before the first message of it was sent. */
  get #unbegun(): boolean {
    return this.#passSeq === this.#seq && !this.loop
  }

  /** Tweets left in the pass under way; null where that is not known. */
  get left(): number | null {
    return this.#move === null ? this.#source.left : null
  }

  /** Does another pass follow one that ends before the message asked for last? */
  get loop(): boolean {
    return this.#journal.boundsAt(this.#seq).loop
  }

  /** For message `seq`; a limit is never below what was sent when it came. */
  boundsAt(seq: number): Bounds {
    return this.#journal.boundsAt(seq)
  }

  /** As they were asked for last. */
  get wantedBounds(): Bounds {
    return this.#journal.wanted
  }

  /** From message `seq` on, which is the next, the run has other bounds. They are on the disk when this returns. */
  bound(seq: number, bounds: Bounds): void {
    this.#reach(seq)
    this.#journal.write({ kind: 'bounds', seq, ...bounds })
  }

  async more(seq: number): Promise<void> {
    const before = this.#sourcePass
    if (this.#move !== null) await this.#source.open(this.#move)
    else await this.#source.more()
    this.#sourcePass = this.#source.position.pass
    if (this.#move === null && this.#sourcePass !== before) {
      this.#passSeq = seq
      this.#passed(seq)
    }
    this.#move = null
  }

  #passed(seq: number): void {
    if (this.#moves.length > 0 || seq < this.#journal.last || performance.now() - this.#passedAt < passEveryMs) return
    this.#passedAt = performance.now()
    this.#write('pass', seq, this.#source.position)
  }

  /** From message `seq` on, which is the next, goes on at `index` of the run's order. */
  seek(seq: number, index: number, version: number): void {
    // Of the message sent last: a pass that has begun without one is not known to a process that comes after a crash.
    if (this.#given === seq) this.#pass = this.#passBefore
    const position = { pass: this.#pass, index }
    this.#write('seek', seq, position, null, version)
    this.#move = position
    this.#moves = []
    this.#passSeq = this.#given = -1
  }

  /** Notes where the source stands, so that a later process need not read what lies before `seq`. */
  note(seq: number): void {
    if (seq < this.#markFrom) return
    if (performance.now() - this.#markedAt < markEveryMs) {
      this.#markFrom = seq + lookEveryMessages
      return
    }
    if (this.#move !== null || this.#moves.length > 0 || seq < this.#journal.last) return
    const mark = this.#source.mark()
    if (mark === null) return
    this.#markedAt = performance.now()
    this.#markFrom = seq + markEveryMessages
    this.#write('mark', seq, this.#source.position, mark ?? null)
  }

  #write(kind: Entry['kind'], seq: number, position: Position, mark: Entry['mark'] = null, version = 0): void {
    const lastReject = this.#source.rejects.seen
    this.#journal.write({ kind, seq, position, rejected: this.rejected, lastReject, mark, version })
  }
}
