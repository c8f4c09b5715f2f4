/** From the feed to the publisher, each message when the schedule says so and as far as the pipeline takes them. */
import type { Bounds } from '#lib/pipeline/run.ts'
import type { Confirmation } from './confirmation.ts'
import type { Feed } from './feed.ts'
import type { Control } from './folder.ts'
import { MessagePayload } from './message.ts'
import type { Publisher } from './mqtt/publisher.ts'
import { Pacer } from './pacer.ts'
import type { Reserve } from './reserve.ts'
import type { ScheduleChoice } from './schedule-choice.ts'
import { FileFault, type RawTweet } from './source/index.ts'

export interface SenderOptions {
  readonly choice: ScheduleChoice
  readonly seed: number
  /** Messages below this seq were sent by an earlier process: they are sent again at once, paused or not. */
  readonly sentBefore: number
  readonly reserve: Reserve
}

/** A longer one ends at once (https://nodejs.org/api/timers.html): a wait of weeks is looked at anew in between. */
const longestTimerMs = 2 ** 31 - 1

type Seek = NonNullable<Control['seek']>

export class Sender {
  readonly #feed: Feed
  readonly #publisher: Publisher
  readonly #confirmation: Confirmation
  readonly #options: SenderOptions
  readonly #failed: (reason: string) => void
  #pacer: Pacer
  /** From this seq on no earlier process has sent anything: only there may the run change its course. */
  #newFrom: number
  #head: RawTweet | null = null
  #filling = false
  #timer: NodeJS.Timeout | null = null
  #again = false
  readonly #payload = new MessagePayload()
  #open = false
  #begun = false
  #seek: Seek | null = null
  #bounds: Bounds | null = null
  #paused = false
  /** Nothing new will come: the source is at its end, or the limit is reached. */
  exhausted = false
  /** Where the file broke off; everything before it was taken. */
  fileFault: FileFault | null = null

  constructor(
    feed: Feed,
    publisher: Publisher,
    confirmation: Confirmation,
    options: SenderOptions,
    failed: (reason: string) => void,
  ) {
    this.#feed = feed
    this.#publisher = publisher
    this.#confirmation = confirmation
    this.#options = options
    this.#failed = failed
    this.#newFrom = options.reserve.from
    this.#pacer = new Pacer(options.choice.schedule, options.seed)
  }

  /** The feed is ready. The schedule begins with the first message that the pipeline can take. */
  begin(): void {
    this.#open = true
    this.pump()
  }

  /** The schedule was chosen anew: it begins from now. */
  rescheduled(): void {
    this.#restart()
    this.pump()
  }

  #restart(): void {
    this.#pacer = new Pacer(this.#options.choice.schedule, this.#options.seed)
    if (this.#paused) this.#pacer.stop()
  }

  set paused(paused: boolean) {
    this.#paused = paused
    if (paused) this.#pacer.stop()
    else this.#pacer.start()
    this.pump()
  }

  /** Ends sending for good; what was sent goes on being confirmed. */
  stop(): void {
    this.#open = false
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  /** Goes on at another place of the run's order as soon as no message that was sent before is left to repeat. */
  seek(seek: Seek): void {
    this.#seek = seek
    this.pump()
  }

  /** Other bounds hold as soon as no message that was sent before is left to repeat: a pass under way is sent to its end. */
  set bounds(bounds: Bounds) {
    const { loop, limit } = this.#feed.wantedBounds
    this.#bounds = bounds.loop === loop && bounds.limit === limit ? null : bounds
    this.pump()
  }

  /** Tweets left in the pass under way; null where that is not known. */
  get left(): number | null {
    const { left } = this.#feed
    return left === null ? null : left + (this.#head === null ? 0 : 1)
  }

  /** Sends whatever is due. Cheap to call at any time. */
  pump(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const { outbox } = this.#publisher
    let room = this.#publisher.room
    if (room > 0 && this.#open && !this.#begun) {
      this.#begun = true
      this.#restart()
    }
    while (this.#mayAdd() && room > 0 && !outbox.full) {
      const tweet = this.#next()
      if (tweet === null) break
      const wait = outbox.next < this.#options.sentBefore ? 0 : this.#pacer.wait(tweet.time)
      if (wait > 0) {
        this.#timer = setTimeout(() => this.pump(), Math.min(Math.max(1, Math.floor(wait)), longestTimerMs))
        break
      }
      if (outbox.next >= this.#newFrom) this.#options.reserve.use(outbox.next)
      this.#payload.set(tweet, Date.now())
      this.#publisher.add(this.#payload, this.#payload.sentAt)
      this.#pacer.sent()
      this.#head = null
      room--
    }
    this.#publisher.flush()
    // The window is still open: give the event loop a turn, then go on.
    if (room === 0 && this.#publisher.room > 0) this.#soon()
  }

  #soon(): void {
    if (this.#again) return
    this.#again = true
    setImmediate(() => {
      this.#again = false
      this.pump()
    })
  }

  /**
   * The checkpoint as Connect tells it now: no earlier process can have known a higher one, and so none has sent more
   * than `ahead` messages beyond it. This bounds what was used where the reserve does not.
   */
  bound(committed: number, ahead: number): void {
    this.#newFrom = Math.min(this.#newFrom, committed + 1 + ahead)
  }

  #mayAdd(): boolean {
    if (!this.#open || this.#confirmation.holding) return false
    const { next } = this.#publisher.outbox
    if (next < this.#options.sentBefore) return true
    // Where the source or the limit is at its end, no earlier process can have come further.
    if (!this.#filling && (next >= this.#newFrom || this.exhausted)) this.#changeCourse(next)
    return !this.#paused
  }

  #changeCourse(next: number): void {
    if (this.#seek !== null) this.#moveTo(this.#seek)
    if (this.#bounds === null) return
    this.#feed.bound(next, this.#bounds)
    this.#bounds = null
    this.exhausted = this.fileFault !== null || this.#feed.ended
  }

  #moveTo({ index, version }: Seek): void {
    this.#seek = this.#head = null
    this.exhausted = false
    this.fileFault = null
    this.#feed.seek(this.#publisher.outbox.next, index, version)
  }

  #next(): RawTweet | null {
    const { next } = this.#publisher.outbox
    const { limit } = this.#feed.boundsAt(next)
    if (limit !== null && next >= limit) this.exhausted = true
    if (this.exhausted) return null
    if (this.#head !== null) return this.#head
    if (this.#filling) return null
    try {
      this.#head = this.#feed.take(next)
    } catch (fault) {
      this.#broken(fault)
      return null
    }
    if (this.#head !== null) this.#feed.note(next + 1)
    else if (this.#feed.ended) this.exhausted = true
    else this.#fill(next)
    if (this.#head !== null) this.#fit(this.#head)
    return this.#open ? this.#head : null
  }

  #fit(tweet: RawTweet): void {
    const unfit = this.#options.choice.fit(tweet)
    if (unfit === 'changed') this.#restart()
    else if (unfit !== null) this.#failed(unfit.fault)
  }

  #fill(seq: number): void {
    this.#filling = true
    this.#feed
      .more(seq)
      .catch((fault) => this.#broken(fault))
      .then(() => {
        this.#filling = false
        this.pump()
      })
  }

  #broken(fault: unknown): void {
    if (fault instanceof FileFault) {
      this.fileFault = fault
      this.exhausted = true
    } else this.#failed(fault instanceof Error ? fault.message : String(fault))
  }
}
