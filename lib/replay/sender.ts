/** From the feed to the publisher, each message when the schedule says so and as far as the pipeline takes them. */
import { encodeMessage, type Tweet } from '#lib/pipeline/message.ts'
import type { Schedule } from '#lib/pipeline/run.ts'
import type { Confirmation } from './confirmation.ts'
import type { Feed } from './feed.ts'
import type { Control } from './folder.ts'
import type { Publisher } from './mqtt/publisher.ts'
import { Pacer } from './pacer.ts'
import type { Reserve } from './reserve.ts'
import { FileFault } from './source/index.ts'

export interface SenderOptions {
  readonly schedule: Schedule
  /** A schedule that the file is known to fit; null where none is. */
  readonly sound: Schedule | null
  readonly seed: number
  /** Messages in all; null for as many as the source has. */
  readonly limit: number | null
  /** Messages below this seq were sent by an earlier process: they are sent again at once, paused or not. */
  readonly sentBefore: number
  readonly reserve: Reserve
}

const timeless = 'The tweets of this file carry no time, so it cannot be replayed by its own times.'

type Seek = NonNullable<Control['seek']>

export class Sender {
  readonly #feed: Feed
  readonly #publisher: Publisher
  readonly #confirmation: Confirmation
  readonly #options: SenderOptions
  readonly #failed: (reason: string) => void
  #pacer: Pacer
  #schedule: Schedule
  /** The last schedule that the file is known to fit. */
  #sound: Schedule | null
  /** Does the file fit the schedule? Only its next tweet will tell. */
  #unsure = false
  #seekFrom: number
  #head: Tweet | null = null
  #filling = false
  #timer: NodeJS.Timeout | null = null
  #again = false
  #date = new Date()
  #open = false
  #begun = false
  #seek: Seek | null = null
  #paused = false
  /** Nothing new will come: the source is at its end, or the limit is reached. */
  exhausted = false
  /** Where the file broke off; everything before it was taken. */
  fileFault: FileFault | null = null
  /** Why the schedule that was asked for last is not in force; null where it is. */
  refusal: string | null = null

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
    this.#schedule = options.schedule
    this.#sound = options.sound
    this.#seekFrom = options.reserve.from
    this.#doubt()
    this.#pacer = new Pacer(options.schedule, options.seed)
  }

  /** The feed is ready. The schedule begins with the first message that the pipeline can take. */
  begin(): void {
    this.#open = true
    this.pump()
  }

  /** A schedule begins anew from now. */
  set schedule(schedule: Schedule) {
    this.#schedule = schedule
    this.refusal = null
    this.#doubt()
    this.#restart()
    this.pump()
  }

  /** The one in force, as far as that is known. */
  get schedule(): Schedule {
    return this.#unsure ? (this.#sound ?? this.#schedule) : this.#schedule
  }

  get needsTime(): boolean {
    return this.#schedule.kind === 'file-time'
  }

  #doubt(): void {
    this.#unsure = this.needsTime && JSON.stringify(this.#schedule) !== JSON.stringify(this.#sound)
    if (!this.#unsure) this.#sound = this.#schedule
  }

  /** A file without times shows at the first tweet that is read for a schedule by them: the schedule before goes on. */
  #fit(tweet: Tweet): void {
    if (!this.#unsure) return
    this.#unsure = false
    if (tweet.time !== null) this.#sound = this.#schedule
    else if (this.#sound === null) this.#failed(`${timeless} Choose another schedule.`)
    else {
      this.refusal = `${timeless} The schedule before goes on.`
      this.#schedule = this.#sound
      this.#restart()
    }
  }

  #restart(): void {
    this.#pacer = new Pacer(this.#schedule, this.#options.seed)
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
    while (room > 0 && !outbox.full && this.#mayAdd()) {
      const tweet = this.#next()
      if (tweet === null) break
      const wait = outbox.next < this.#options.sentBefore ? 0 : this.#pacer.wait(tweet.time)
      if (wait > 0) {
        this.#timer = setTimeout(() => this.pump(), Math.max(1, Math.floor(wait)))
        break
      }
      const now = Date.now()
      if (now !== this.#date.getTime()) this.#date = new Date(now)
      if (outbox.next >= this.#seekFrom) this.#options.reserve.use(outbox.next)
      this.#publisher.add(encodeMessage(tweet, this.#date), String(now))
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
    this.#seekFrom = Math.min(this.#seekFrom, committed + 1 + ahead)
  }

  #mayAdd(): boolean {
    if (!this.#open || this.#confirmation.holding) return false
    const { next } = this.#publisher.outbox
    if (next < this.#options.sentBefore) return true
    if (this.#seek !== null && !this.#filling && next >= this.#seekFrom) this.#moveTo(this.#seek)
    return !this.#paused
  }

  #moveTo({ index, version }: Seek): void {
    this.#seek = this.#head = null
    this.exhausted = false
    this.fileFault = null
    this.#feed.seek(this.#publisher.outbox.next, index, version)
  }

  #next(): Tweet | null {
    if (this.#head !== null) return this.#head
    const { next } = this.#publisher.outbox
    if (this.#options.limit !== null && next >= this.#options.limit) this.exhausted = true
    if (this.#filling || this.exhausted) return null
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
