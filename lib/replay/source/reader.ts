/**
 * The one parser of tweet files. Shapes: an array or lines of `{tweets, id}` (members in any order), of
 * `{user_id, tweet, timestamp}`, or of Twitter API v1.1 objects. Bytes are pushed, tweets come out in file order;
 * memory is bounded by the largest element. A bad tweet is one `reject`; a file that is not JSON, or not of these
 * shapes, throws FileFault after everything before the break has come out.
 */
import { isUtf8 } from 'node:buffer'
import type { Tweet } from '#lib/pipeline/message.ts'
import type { Reject } from '#lib/pipeline/run.ts'
import { Element, flags, maxElementBytes, maxTextBytes } from './element.ts'
import { FileFault, incomplete, JsonFault, type Mark, type Place } from './fault.ts'
import { JsonWindow } from './json.ts'
import { Skipper } from './skipper.ts'
import { decode, parseTime } from './text.ts'

const shapes =
  'an array or lines of {"tweets": […], "id": …}, of {"user_id": …, "tweet": …, "timestamp": …} or of Twitter API v1.1 objects'

/** `more`: push bytes or end(), then ask again. */
export type Step = 'tweet' | 'reject' | 'more' | 'end'

export class TweetReader {
  readonly #window: JsonWindow
  readonly #element = new Element()
  readonly #needsTime: () => boolean
  #phase: 'begin' | 'first' | 'next' | 'texts' | 'skip' | 'end' = 'begin'
  #scanning = false
  #inArray = false
  /** Ask for this many bytes before scanning an element again that was not complete. */
  #wanted = 0
  #text = 0
  /** Thrown when the tweets before it have come out. */
  #fault: FileFault | null = null
  #ownerFault: string | null = null
  #skipper: Skipper | null = null

  /** 0-based position among the file's tweets of what `advance` found. */
  index = -1
  reject: Reject | null = null
  /** Digits of the user of the tweet that `advance` found. */
  userId = ''
  /** Counts elements, so that a user's tweets can be told from the next one's. */
  element = 0

  constructor(options: { readonly needsTime: () => boolean; readonly from?: Mark }) {
    this.#needsTime = options.needsTime
    this.#window = new JsonWindow(512 * 1024)
    if (options.from === undefined) return
    const { offset, index, inArray, line, column } = options.from
    this.#window.moveTo(offset, line, column)
    this.#phase = 'next'
    this.#inArray = inArray
    this.index = index - 1
  }

  push(chunk: Uint8Array): void {
    this.#window.push(chunk)
  }

  end(): void {
    this.#window.ended = true
  }

  /** Where the reader stands, for a message about the bytes themselves. */
  place(): Place {
    return this.#window.place()
  }

  /** Offset of the opening quote of the current tweet's text. */
  get offset(): number {
    return this.#window.base + this.#element.texts.starts.at(this.#text) - 1
  }

  /** A place to go on from; null while in the middle of an element. */
  mark(): Mark | null {
    const last = this.#phase === 'texts' && this.#text + 1 === this.#element.texts.length
    if ((this.#phase !== 'next' && !last) || this.#skipper !== null) return null
    const { base, pos } = this.#window
    return { ...this.#window.place(), offset: base + pos, index: this.index + 1, inArray: this.#inArray }
  }

  /** The tweet that `advance` found; valid until the next `advance` or `push`. */
  tweet(): Tweet {
    const { texts, time } = this.#element
    const flag = texts.flags.at(this.#text)
    const text = decode(
      this.#window.bytes,
      texts.starts.at(this.#text),
      texts.ends.at(this.#text),
      (flag & flags.escaped) !== 0,
      (flag & flags.wide) !== 0,
    )
    return { userId: this.userId, text, time: time !== null && this.#needsTime() ? parseTime(time) : null }
  }

  advance(): Step {
    for (;;) {
      if (this.#phase === 'texts') {
        if (++this.#text < this.#element.texts.length) return this.#judge()
        this.#phase = 'next'
      }
      if (this.#fault !== null) throw this.#fault
      if (this.#phase === 'end') return 'end'
      const step = this.#step()
      if (step !== null) return step
    }
  }

  #step(): Step | null {
    if (this.#skipper !== null) return this.#skip(this.#skipper)
    const window = this.#window
    if (window.length - window.pos < this.#wanted && !window.ended) return 'more'
    this.#wanted = 0
    this.#scanning = false
    const back = window.save()
    try {
      if (this.#phase === 'begin') this.#begin()
      else if (this.#separator()) return this.#scan()
      else this.#phase = 'end'
      return null
    } catch (fault) {
      if (fault !== incomplete) return this.#broken(fault)
      back()
      const have = window.length - window.pos
      if (have > maxElementBytes) return this.#tooLarge()
      this.#wanted = Math.min(have * 2, maxElementBytes + 1)
      return 'more'
    }
  }

  #scan(): Step | null {
    this.#scanning = true
    const element = this.#element
    element.scan(this.#window)
    this.#scanning = false
    const first = this.#phase === 'first'
    this.#phase = 'next'
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
    this.#phase = 'texts'
  }

  #begin(): void {
    const window = this.#window
    if (window.peek(shapes) === 0xef) for (const b of [0xef, 0xbb, 0xbf]) window.expect(b, 'a byte order mark')
    window.skipWhitespace()
    const first = window.peek(shapes)
    if (first !== 0x5b && first !== 0x7b) throw window.fault(shapes)
    this.#inArray = first === 0x5b
    if (this.#inArray) window.pos++
    this.#phase = 'first'
  }

  /** Goes to the next element; false at the end. */
  #separator(): boolean {
    const window = this.#window
    window.skipWhitespace()
    if (!this.#inArray) {
      if (window.pos < window.length) return true
      if (!window.ended) throw incomplete
      return false
    }
    const first = this.#phase === 'first'
    if (window.peek(first ? 'an object or ]' : 'a comma or ]') === 0x5d) {
      window.pos++
      window.skipWhitespace()
      if (window.pos === window.length && !window.ended) throw incomplete
      if (window.pos < window.length) throw window.fault('the end of the file')
      return false
    }
    if (!first) window.expect(0x2c, 'a comma or ]')
    window.skipWhitespace()
    return true
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
    else if ((flag & flags.wide) !== 0 && !isUtf8(this.#window.bytes.subarray(start, end)))
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

  #tooLarge(): Step {
    this.#separator()
    const place = this.#window.place()
    this.#skipper = new Skipper('element')
    return this.#refuse(place, `it is larger than ${maxElementBytes} bytes`)
  }

  #skip(skipper: Skipper): Step | null {
    if (!skipper.skip(this.#window)) {
      if (!this.#window.ended) return 'more'
      if (this.#inArray) this.#fault = new FileFault(this.place(), 'the file ends in the middle of a tweet')
    }
    this.#skipper = null
    this.#phase = 'next'
    return null
  }

  /** In lines only the line is lost; in an array nothing after the break can be trusted. */
  #broken(fault: unknown): Step | null {
    if (!(fault instanceof JsonFault)) throw fault
    if (!this.#inArray && this.#phase === 'next' && !fault.ended) {
      this.#skipper = new Skipper('line')
      return this.#refuse(fault.place, fault.message)
    }
    this.#fault = new FileFault(fault.place, fault.message)
    const { shape, owner, texts } = this.#element
    if (!this.#scanning || shape !== 'user') return null
    if (owner.digits !== null) this.#open()
    else if (texts.length > 0)
      this.#fault = new FileFault(
        fault.place,
        `${fault.message}; ${texts.length} tweets before it are not sent, because the id of their user comes later`,
      )
    return null
  }
}
