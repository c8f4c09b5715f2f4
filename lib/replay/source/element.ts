/** One element of a tweets file, of whichever shape, scanned but not decoded: spans into the window. */

import type { Place } from '#lib/scan/fault.ts'
import type { JsonWindow } from '#lib/scan/json.ts'
import { integer } from '#lib/scan/text.ts'

/** In bytes as the file has it. Longer ones are rejected. */
export const maxTextBytes = 256 * 1024

/** Numbers in a row without an object for each; grows by doubling. */
class Row {
  #values = new Float64Array(256)
  length = 0

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Float64Array(this.length * 2)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.length++] = value
  }

  at(index: number): number {
    return this.#values[index] as number
  }
}

export const flags = { escaped: 1, wide: 2, notText: 4 } as const

/** The texts of an element: positions in the window, so they hold until the next push. */
export class Texts {
  readonly starts = new Row()
  readonly ends = new Row()
  readonly flags = new Row()
  readonly lines = new Row()
  readonly columns = new Row()

  clear(): void {
    for (const row of [this.starts, this.ends, this.flags, this.lines, this.columns]) row.length = 0
  }

  get length(): number {
    return this.starts.length
  }

  /** Takes the value at the window: a string, or something else that is marked `notText`. */
  take(window: JsonWindow): void {
    const line = window.line()
    const column = window.column()
    if (window.peek('a tweet') === 0x22) {
      window.string('a tweet')
      this.#add(window.start, window.end, (window.escaped ? flags.escaped : 0) | (window.wide ? flags.wide : 0))
    } else {
      const start = window.pos
      window.value()
      this.#add(start, window.pos, flags.notText)
    }
    this.lines.push(line)
    this.columns.push(column)
  }

  #add(start: number, end: number, flag: number): void {
    this.starts.push(start)
    this.ends.push(end)
    this.flags.push(flag)
  }
}

/** An id as the file has it. Neither member is set where it is missing. */
export interface Id {
  readonly digits: string | null
  readonly fault: string | null
}
const missing: Id = { digits: null, fault: null }

/** Digits stay text: 15 % of the ids do not fit a JavaScript number. A string of digits is an id too. */
function takeId(window: JsonWindow): Id {
  const first = window.peek('an id')
  const from = window.pos
  let text: string | null = null
  if (first === 0x22) {
    window.string('an id')
    text = window.text()
  } else if (first === 0x2d || (first >= 0x30 && first <= 0x39)) {
    window.number()
    text = window.text()
  } else window.value()
  if (text !== null && integer.test(text)) return { digits: text, fault: null }
  const shown = window.bytes.toString('utf8', from, Math.min(window.pos, from + 40))
  return { digits: null, fault: `the id is not an integer: ${shown}` }
}

export type Shape = 'user' | 'message' | 'status' | 'other'

/** Reused for every element of a file. */
export class Element {
  place: Place = { line: 1, column: 1 }
  /** Offset of the element in the file. */
  offset = 0
  readonly texts = new Texts()
  /** `tweets` is there, and whether it is an array. */
  tweets: 'absent' | 'array' | 'wrong' = 'absent'
  #id: Id = missing
  #userId: Id = missing
  #user: Id = missing
  #hasMessage = false
  #hasStatus = false
  #fullText = false
  /** As the file has it; not looked at where nobody needs it. */
  time: string | null = null
  readonly #needsTime: () => boolean

  constructor(needsTime: () => boolean) {
    this.#needsTime = needsTime
  }

  #clear(): void {
    this.texts.clear()
    this.tweets = 'absent'
    this.#id = this.#userId = this.#user = missing
    this.#hasMessage = this.#hasStatus = this.#fullText = false
    this.time = null
  }

  /** Scans the value at the window. Throws `incomplete` or JsonFault; what was found until then stays. */
  scan(window: JsonWindow): void {
    this.#clear()
    this.place = window.place()
    this.offset = window.base + window.pos
    if (window.peek('an object') === 0x7b) window.members((key) => this.#member(window, key))
    else window.value()
  }

  get shape(): Shape {
    if (this.tweets !== 'absent') return 'user'
    if (this.#hasMessage) return 'message'
    return this.#hasStatus ? 'status' : 'other'
  }

  /** Whose tweets these are. */
  get owner(): Id {
    if (this.shape === 'user') return this.#id
    return this.shape === 'message' ? this.#userId : this.#user
  }

  #member(window: JsonWindow, key: string): void {
    if (key === 'tweets') this.#list(window)
    else if (key === 'id') this.#id = takeId(window)
    else if (key === 'user_id') {
      this.#hasMessage = true
      this.#userId = takeId(window)
    } else if (key === 'tweet') {
      this.#hasMessage = true
      this.#text(window)
    } else if (key === 'full_text') {
      this.#hasStatus = this.#fullText = true
      this.#text(window)
    } else if (key === 'text' && !this.#fullText) {
      this.#hasStatus = true
      this.#text(window)
    } else if (key === 'user' && window.peek('a user') === 0x7b) this.#author(window)
    else if ((key === 'timestamp' || key === 'created_at') && this.#needsTime()) this.time = takeTime(window)
    else window.value()
  }

  #list(window: JsonWindow): void {
    this.texts.clear()
    this.tweets = window.peek('an array of tweets') === 0x5b ? 'array' : 'wrong'
    if (this.tweets === 'array') window.items(() => this.texts.take(window))
    else window.value()
  }

  #text(window: JsonWindow): void {
    if (this.tweets !== 'absent') {
      window.value()
      return
    }
    this.texts.clear()
    this.texts.take(window)
  }

  #author(window: JsonWindow): void {
    this.#hasStatus = true
    let exact = false
    window.members((key) => {
      if (key === 'id_str') {
        this.#user = takeId(window)
        exact = true
      } else if (key === 'id' && !exact) this.#user = takeId(window)
      else window.value()
    })
  }
}

function takeTime(window: JsonWindow): string | null {
  const first = window.peek('a time')
  if (first === 0x22) window.string('a time')
  else if (first >= 0x30 && first <= 0x39) window.number()
  else {
    window.value()
    return null
  }
  return window.text()
}
