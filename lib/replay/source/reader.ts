/**
 * The one parser of tweet files. Shapes: an array or lines of `{tweets, id}` (members in any order), of
 * `{user_id, tweet, timestamp}`, or of Twitter API v1.1 objects. Bytes are pushed, tweets come out in file order;
 * memory is bounded by the largest element. A bad tweet is one `reject`; a file that is not JSON, or not of these
 * shapes, throws FileFault after everything before the break has come out.
 */
import { isUtf8 } from 'node:buffer'
import type { Tweet } from '#lib/pipeline/message.ts'
import type { Reject } from '#lib/pipeline/run.ts'
import { Elements } from '#lib/scan/elements.ts'
import { FileFault, type Place } from '#lib/scan/fault.ts'
import { decode } from '#lib/scan/text.ts'
import { Element, flags, maxTextBytes } from './element.ts'
import type { Mark, RawTweet } from './source.ts'
import { parseTime } from './time.ts'

const shapes =
  'an array or lines of {"tweets": […], "id": …}, of {"user_id": …, "tweet": …, "timestamp": …} or of Twitter API v1.1 objects'

/** `more`: push bytes or end(), then ask again. */
export type Step = 'tweet' | 'reject' | 'more' | 'end'

export class TweetReader {
  readonly #elements: Elements
  readonly #element: Element
  /** No element has been seen: this one tells whether the file is one of tweets. */
  #first: boolean
  #inTexts = false
  #text = 0
  /** Thrown when the tweets before it have come out. */
  #fault: FileFault | null = null
  #ownerFault: string | null = null

  /** 0-based position among the file's tweets of what `advance` found. */
  index = -1
  reject: Reject | null = null
  /** Digits of the user of the tweet that `advance` found. */
  userId = ''
  /** Counts elements, so that a user's tweets can be told from the next one's. */
  element = 0

  constructor({ needsTime, from }: { readonly needsTime: () => boolean; readonly from?: Mark }) {
    this.#element = new Element(needsTime)
    this.#elements = new Elements({
      expected: shapes,
      one: 'a tweet',
      scan: (window) => this.#element.scan(window),
      from,
    })
    this.#first = from === undefined
    if (from !== undefined) this.index = from.index - 1
  }

  push(chunk: Uint8Array): void {
    this.#elements.window.push(chunk)
  }

  end(): void {
    this.#elements.window.ended = true
  }

  /** Where the reader stands, for a message about the bytes themselves. */
  place(): Place {
    return this.#elements.window.place()
  }

  /** Offset of the opening quote of the current tweet's text. */
  get offset(): number {
    return this.#elements.window.base + this.#element.texts.starts.at(this.#text) - 1
  }

  /** A place to go on from; null while in the middle of an element. */
  mark(): Mark | null {
    if (this.#inTexts && this.#text + 1 < this.#element.texts.length) return null
    const mark = this.#elements.mark()
    return mark && { ...mark, index: this.index + 1 }
  }

  /** The tweet that `advance` found; valid until the next `advance` or `push`. */
  tweet(): Tweet {
    const { texts } = this.#element
    const flag = texts.flags.at(this.#text)
    const text = decode(
      this.#elements.window.bytes,
      texts.starts.at(this.#text),
      texts.ends.at(this.#text),
      (flag & flags.escaped) !== 0,
      (flag & flags.wide) !== 0,
    )
    return { userId: this.userId, text, time: this.#time() }
  }

  /** The same, not decoded. */
  raw(): RawTweet {
    const { starts, ends } = this.#element.texts
    return {
      userId: this.userId,
      bytes: this.#elements.window.bytes,
      start: starts.at(this.#text) - 1,
      end: ends.at(this.#text) + 1,
      time: this.#time(),
    }
  }

  #time(): number | null {
    const { time } = this.#element
    return time === null ? null : parseTime(time)
  }

  advance(): Step {
    for (;;) {
      if (this.#inTexts) {
        if (++this.#text < this.#element.texts.length) return this.#judge()
        this.#inTexts = false
      }
      if (this.#fault !== null) throw this.#fault
      const step = this.#step()
      if (step !== null) return step
    }
  }

  #step(): Step | null {
    try {
      const step = this.#elements.next()
      if (step === 'more' || step === 'end') return step
      const first = this.#first
      this.#first = false
      if (step === 'element') return this.#take(first)
      return this.#refuse(this.#elements.refusal.place, this.#elements.refusal.reason)
    } catch (fault) {
      if (!(fault instanceof FileFault)) throw fault
      this.#break(fault)
      return null
    }
  }

  #take(first: boolean): Step | null {
    const element = this.#element
    if (element.shape === 'other') {
      if (!first) return this.#refuse(element.place, 'it is not a tweet of any known shape')
      this.#fault = new FileFault(element.place, `expected ${shapes}`)
      return null
    }
    if (element.tweets === 'wrong') return this.#refuse(element.place, '"tweets" is not an array')
    if (element.shape !== 'user' && element.texts.length === 0)
      return this.#refuse(element.place, 'the text is missing')
    this.#open()
    return null
  }

  #open(): void {
    const { digits, fault } = this.#element.owner
    this.userId = digits ?? ''
    this.#ownerFault = digits === null ? (fault ?? 'the id is missing') : null
    this.element++
    this.#text = -1
    this.#inTexts = true
  }

  /** Is the text at hand a tweet? */
  #judge(): Step {
    const { texts } = this.#element
    const at = this.#text
    const flag = texts.flags.at(at)
    const start = texts.starts.at(at)
    const end = texts.ends.at(at)
    let reason = this.#ownerFault
    if ((flag & flags.notText) !== 0) reason = 'the text is not a string'
    else if (end - start > maxTextBytes) reason = `the text is longer than ${maxTextBytes} bytes`
    else if ((flag & flags.wide) !== 0 && !isUtf8(this.#elements.window.bytes.subarray(start, end)))
      reason = 'the text is not valid UTF-8'
    if (reason !== null) return this.#refuse({ line: texts.lines.at(at), column: texts.columns.at(at) }, reason)
    this.index++
    return 'tweet'
  }

  #refuse(place: Place, reason: string): Step {
    this.index++
    this.reject = { line: place.line, column: place.column, index: this.index, reason }
    return 'reject'
  }

  /** Nothing after it can be trusted; what the element at the break held before it still comes out, where its user is known. */
  #break(fault: FileFault): void {
    this.#fault = fault
    const { shape, owner, texts } = this.#element
    if (!this.#elements.inElement || shape !== 'user') return
    if (owner.digits !== null) this.#open()
    else if (texts.length > 0)
      this.#fault = new FileFault(
        fault.place,
        `${fault.reason}; ${texts.length} tweets before it are not sent, because the id of their user comes later`,
      )
  }
}
