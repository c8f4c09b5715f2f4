/**
 * The elements of a JSON file, one after the other: those of one large array, or of lines. Bytes are pushed; memory is
 * bounded by the largest element that is accepted. The first stage of everything that reads tweets or static tables.
 */
import { FileFault, incomplete, JsonFault, type Place } from './fault.ts'
import { JsonWindow } from './json.ts'
import { Skipper } from './skipper.ts'

/** An element larger than this is passed over and refused: it has to be held as a whole. */
export const maxElementBytes = 8 * 1024 * 1024
const windowBytes = 512 * 1024

/** `more`: push bytes or set `window.ended`, then ask again. */
export type ElementStep = 'element' | 'refused' | 'more' | 'end'

/** A place between two elements from which another reader may go on. */
export interface ElementMark extends Place {
  readonly offset: number
  readonly inArray: boolean
}

export interface ElementsOptions {
  /** The shapes, for the message about a file that begins as none of them. */
  readonly expected: string
  /** One element, as people call it: `a tweet`. */
  readonly one: string
  /**
   * Takes the value at the window. It is called again with more bytes when they ran out (`incomplete`), so it begins
   * by forgetting what it found; spans hold until bytes are pushed.
   */
  readonly scan: (window: JsonWindow) => void
  readonly from?: ElementMark
}

export class Elements {
  readonly window = new JsonWindow(windowBytes)
  readonly #options: ElementsOptions
  #phase: 'begin' | 'first' | 'next' | 'end' = 'begin'
  #inArray = false
  /** Ask for this many bytes before scanning an element again that was not complete. */
  #wanted = 0
  #skipper: Skipper | null = null
  /** What `next` has just refused. */
  refusal: { readonly place: Place; readonly reason: string } = { place: { line: 1, column: 1 }, reason: '' }
  /** The FileFault just thrown lies inside an element: what `scan` found before it is there. */
  inElement = false

  constructor(options: ElementsOptions) {
    this.#options = options
    if (options.from === undefined) return
    const { offset, inArray, line, column } = options.from
    this.window.moveTo(offset, line, column)
    this.#phase = 'next'
    this.#inArray = inArray
  }

  /** Null while in the middle of an element, and before the first. */
  mark(): ElementMark | null {
    if (this.#phase !== 'next' || this.#skipper !== null) return null
    return { ...this.window.place(), offset: this.window.base + this.window.pos, inArray: this.#inArray }
  }

  /**
   * In lines a broken one is refused and the next is read; in an array nothing after a break can be trusted: throws
   * FileFault, as for a file that is not JSON or ends too early.
   */
  next(): ElementStep {
    for (;;) {
      if (this.#phase === 'end') return 'end'
      const step = this.#skipper === null ? this.#step() : this.#skip(this.#skipper)
      if (step !== null) return step
    }
  }

  #step(): ElementStep | null {
    const { window } = this
    if (window.length - window.pos < this.#wanted && !window.ended) return 'more'
    this.#wanted = 0
    this.inElement = false
    const back = window.save()
    try {
      return this.#phase === 'begin' ? this.#begin() : this.#take()
    } catch (fault) {
      if (fault !== incomplete) return this.#broken(fault)
      back()
      const have = window.length - window.pos
      if (have > maxElementBytes) return this.#tooLarge()
      this.#wanted = Math.min(have * 2, maxElementBytes + 1)
      return 'more'
    }
  }

  #begin(): null {
    const { window } = this
    const { expected } = this.#options
    if (window.peek(expected) === 0xef) for (const b of [0xef, 0xbb, 0xbf]) window.expect(b, 'a byte order mark')
    window.skipWhitespace()
    const first = window.peek(expected)
    if (first !== 0x5b && first !== 0x7b) throw window.fault(expected)
    this.#inArray = first === 0x5b
    if (this.#inArray) window.pos++
    this.#phase = 'first'
    return null
  }

  #take(): ElementStep {
    if (!this.#separator()) {
      this.#phase = 'end'
      return 'end'
    }
    this.inElement = true
    this.#options.scan(this.window)
    this.#phase = 'next'
    return 'element'
  }

  /** Goes to the next element; false at the end. */
  #separator(): boolean {
    const { window } = this
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

  #refuse(place: Place, reason: string): ElementStep {
    this.refusal = { place, reason }
    return 'refused'
  }

  #tooLarge(): ElementStep {
    this.#separator()
    this.#skipper = new Skipper('element')
    return this.#refuse(this.window.place(), `it is larger than ${maxElementBytes} bytes`)
  }

  #skip(skipper: Skipper): ElementStep | null {
    const { window } = this
    if (!skipper.skip(window)) {
      if (!window.ended) return 'more'
      if (this.#inArray) throw new FileFault(window.place(), `the file ends in the middle of ${this.#options.one}`)
    }
    this.#skipper = null
    this.#phase = 'next'
    return null
  }

  #broken(fault: unknown): ElementStep {
    if (!(fault instanceof JsonFault)) throw fault
    if (this.#inArray || this.#phase !== 'next' || fault.ended) throw new FileFault(fault.place, fault.message)
    this.#skipper = new Skipper('line')
    return this.#refuse(fault.place, fault.message)
  }
}
