/** A window of bytes that slides over a file, and the line and column in it. */
import { incomplete, JsonFault, type Place } from './fault.ts'

export class ByteWindow {
  bytes: Buffer
  /** Next byte to look at, and the end of the bytes that are there. */
  pos = 0
  length = 0
  /** No more bytes will come: what is incomplete now is a fault. */
  ended = false
  /** Offset in the file of the first byte of the window. */
  base = 0
  #line = 1
  #lineStart = 0
  /** UTF-8 continuation bytes on this line: they take no column. */
  #continued = 0

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafe(capacity)
  }

  /** Forgets everything and goes on at another place of the file. */
  moveTo(offset: number, line = 1, column = 1): void {
    this.pos = this.length = 0
    this.base = offset
    this.ended = false
    this.#line = line
    this.#lineStart = offset - column + 1
    this.#continued = 0
  }

  /** Copies the chunk in; bytes before `pos` are given up, so spans of earlier values end here. */
  push(chunk: Uint8Array): void {
    if (this.pos > 0) {
      this.bytes.copyWithin(0, this.pos, this.length)
      this.base += this.pos
      this.length -= this.pos
      this.pos = 0
    }
    if (this.length + chunk.length > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + chunk.length))
      this.bytes.copy(larger, 0, 0, this.length)
      this.bytes = larger
    }
    this.bytes.set(chunk, this.length)
    this.length += chunk.length
  }

  place(): Place {
    return { line: this.#line, column: this.column() }
  }

  line(): number {
    return this.#line
  }

  column(): number {
    return this.base + this.pos - this.#lineStart - this.#continued + 1
  }

  /** Remembers where a value starts, to come back when it is not complete. */
  save(): () => void {
    const at = this.base + this.pos
    const line = this.#line
    const lineStart = this.#lineStart
    const continued = this.#continued
    return () => {
      this.pos = at - this.base
      this.#line = line
      this.#lineStart = lineStart
      this.#continued = continued
    }
  }

  fault(expected: string): JsonFault {
    if (this.pos >= this.length) return new JsonFault(this.place(), true, `the file ends here, expected ${expected}`)
    const found = String.fromCharCode(this.bytes[this.pos] as number)
    const shown = found > ' ' && found < '\x7f' ? found : `byte 0x${(this.bytes[this.pos] as number).toString(16)}`
    return new JsonFault(this.place(), false, `expected ${expected}, found ${shown}`)
  }

  /** The byte at `pos`; at the end of the window it is either incomplete or a fault. */
  peek(expected: string): number {
    if (this.pos < this.length) return this.bytes[this.pos] as number
    throw this.ended ? this.fault(expected) : incomplete
  }

  skipWhitespace(): void {
    const { bytes, length } = this
    let i = this.pos
    for (; i < length; i++) {
      const b = bytes[i]
      if (b === 0x0a) this.#newline(i)
      else if (b !== 0x20 && b !== 0x0d && b !== 0x09) break
    }
    this.pos = i
  }

  #newline(at: number): void {
    this.#line++
    this.#lineStart = this.base + at + 1
    this.#continued = 0
  }

  /** Passes over the byte at `pos`, whatever it is, and gives it. */
  pass(): number {
    const b = this.bytes[this.pos] as number
    if (b === 0x0a) this.#newline(this.pos)
    else if ((b & 0xc0) === 0x80) this.#continued++
    this.pos++
    return b
  }

  expect(byte: number, expected: string): void {
    if (this.peek(expected) !== byte) throw this.fault(expected)
    this.pos++
  }

  /** A byte that continues a character takes no column. */
  protected continuation(): void {
    this.#continued++
  }
}
