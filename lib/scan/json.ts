/**
 * A strict JSON scanner over a sliding window of bytes. It reads nothing by itself: bytes are pushed, and a
 * value that is not complete yet is reported as `incomplete`, so that it can be scanned again with more of them.
 */
import { incomplete } from './fault.ts'
import { decode } from './text.ts'
import { ByteWindow } from './window.ts'

const quote = 0x22
const backslash = 0x5c

/** 1 for the bytes of a string that need no second look: printable ASCII but quote and backslash. */
const plain = new Uint8Array(256)
for (let b = 0x20; b < 0x80; b++) plain[b] = b === quote || b === backslash ? 0 : 1

const isDigit = (b: number | undefined) => b !== undefined && b >= 0x30 && b <= 0x39
const isHex = (b: number) => isDigit(b) || (b >= 0x41 && b <= 0x46) || (b >= 0x61 && b <= 0x66)
const literals = ['true', 'false', 'null', 'NaN', 'Infinity']
/** Deeper nesting is refused, so that a hostile file cannot exhaust the stack. */
const maxDepth = 200

export class JsonWindow extends ByteWindow {
  // The string scanned last: its bytes between the quotes.
  start = 0
  end = 0
  escaped = false
  /** It holds bytes beyond ASCII. */
  wide = false

  /** Scans a string and leaves its span in `start`, `end`, `escaped`, `wide`. */
  string(expected: string): void {
    this.expect(quote, expected)
    const { bytes, length } = this
    this.start = this.pos
    this.escaped = this.wide = false
    let i = this.pos
    for (;;) {
      while (i < length && plain[bytes[i] as number] === 1) i++
      this.pos = i
      const b = this.peek('the closing quote of a string')
      if (b === quote) break
      if (b === backslash) i = this.#escape()
      else if (b < 0x20) throw this.fault('an escape instead of a control character in a string')
      else {
        this.wide = true
        if ((b & 0xc0) === 0x80) this.continuation()
        i++
      }
    }
    this.end = i
    this.pos = i + 1
  }

  #escape(): number {
    this.escaped = true
    this.pos++
    const b = this.peek('an escape')
    if (b !== 0x75) {
      if (!'"\\/bfnrt'.includes(String.fromCharCode(b))) throw this.fault('an escape: one of " \\ / b f n r t u')
      return this.pos + 1
    }
    for (let n = 0; n < 4; n++) {
      this.pos++
      if (!isHex(this.peek('four hexadecimal digits'))) throw this.fault('four hexadecimal digits')
    }
    return this.pos + 1
  }

  /** Scans a number; its text lies between `start` and `end`. True for an integer. */
  number(): boolean {
    this.start = this.pos
    this.escaped = this.wide = false
    if (this.peek('a number') === 0x2d) this.pos++
    if (this.peek('a digit') === 0x30) this.pos++
    else this.#digits()
    let integer = true
    if (this.#at() === 0x2e) {
      integer = false
      this.pos++
      this.#digits()
    }
    if ((this.#at() ?? 0) === 0x65 || this.#at() === 0x45) {
      integer = false
      this.pos++
      const sign = this.peek('a digit')
      if (sign === 0x2b || sign === 0x2d) this.pos++
      this.#digits()
    }
    this.end = this.pos
    return integer
  }

  /** The next byte of a number, or nothing at the end of the file. */
  #at(): number | undefined {
    if (this.pos < this.length) return this.bytes[this.pos]
    if (this.ended) return undefined
    throw incomplete
  }

  #digits(): void {
    if (!isDigit(this.peek('a digit'))) throw this.fault('a digit')
    while (isDigit(this.#at())) this.pos++
  }

  /** Skips any value. Python's NaN and Infinity pass too: they make a bad element, not a bad file. */
  value(depth = 0): void {
    const b = this.peek('a value')
    if (b === quote) this.string('a string')
    else if (b === 0x7b) this.members(() => this.value(depth + 1), depth)
    else if (b === 0x5b) this.items(() => this.value(depth + 1), depth)
    else if (isDigit(b) || (b === 0x2d && this.#second() !== 0x49)) this.number()
    else this.#literal()
  }

  #second(): number {
    this.pos++
    const b = this.peek('a digit')
    this.pos--
    return b
  }

  #literal(): void {
    const minus = this.peek('a value') === 0x2d
    for (const word of minus ? ['-Infinity'] : literals) {
      const have = this.bytes.toString('latin1', this.pos, Math.min(this.pos + word.length, this.length))
      if (!word.startsWith(have)) continue
      this.pos += have.length
      if (have.length < word.length) this.peek(word)
      return
    }
    throw this.fault('a value')
  }

  /** Goes through an object; `member` gets each key and must take its value. */
  members(member: (key: string) => void, depth = 0): void {
    if (depth > maxDepth) throw this.fault(`at most ${maxDepth} levels`)
    this.expect(0x7b, 'an object')
    this.skipWhitespace()
    if (this.peek('a key or }') === 0x7d) {
      this.pos++
      return
    }
    for (;;) {
      this.skipWhitespace()
      this.string('a key in quotes')
      const key = this.text()
      this.skipWhitespace()
      this.expect(0x3a, 'a colon')
      this.skipWhitespace()
      member(key)
      this.skipWhitespace()
      if (this.peek('a comma or }') === 0x7d) break
      this.expect(0x2c, 'a comma or }')
    }
    this.pos++
  }

  /** Goes through an array; `item` must take each value. */
  items(item: () => void, depth = 0): void {
    if (depth > maxDepth) throw this.fault(`at most ${maxDepth} levels`)
    this.expect(0x5b, 'an array')
    this.skipWhitespace()
    if (this.peek('a value or ]') === 0x5d) {
      this.pos++
      return
    }
    for (;;) {
      this.skipWhitespace()
      item()
      this.skipWhitespace()
      if (this.peek('a comma or ]') === 0x5d) break
      this.expect(0x2c, 'a comma or ]')
    }
    this.pos++
  }

  /** The string or number scanned last. */
  text(): string {
    return decode(this.bytes, this.start, this.end, this.escaped, this.wide)
  }
}
