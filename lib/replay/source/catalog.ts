/**
 * Where every tweet of a file lies, for reading at random: 12 bytes a tweet and 12 a user, 40 MB for 1.67 million
 * tweets of as many users. Ids that fit 64 bits take eight bytes, the others are kept as text.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { FileFault, incomplete } from '#lib/scan/fault.ts'
import { JsonWindow } from '#lib/scan/json.ts'
import { maxTextBytes } from './element.ts'
import type { TweetReader } from './reader.ts'
import type { RawTweet, RejectFilter } from './source.ts'

const chunk = 1 << 16
type Numbers = Float64Array | Uint32Array | BigInt64Array

/** A typed array that grows by pieces, so that growing copies nothing. */
class Column<T extends Numbers> {
  readonly #make: () => T
  readonly #pieces: T[] = []
  length = 0
  constructor(make: () => T) {
    this.#make = make
  }
  push(value: T[number]): void {
    if (this.length % chunk === 0) this.#pieces.push(this.#make())
    const piece = this.#pieces[this.length >>> 16] as T
    piece[this.length % chunk] = value
    this.length++
  }
  at(index: number): T[number] {
    return (this.#pieces[index >>> 16] as T)[index % chunk] as T[number]
  }
}

const firstRead = 2048

export class Catalog {
  readonly #offsets = new Column(() => new Float64Array(chunk))
  readonly #owners = new Column(() => new Uint32Array(chunk))
  readonly #ids = new Column(() => new BigInt64Array(chunk))
  readonly #longIds = new Map<number, string>()
  readonly #firsts = new Column(() => new Uint32Array(chunk))
  readonly #window = new JsonWindow(firstRead * 2)
  #bytes = Buffer.allocUnsafe(firstRead)
  #fd = -1
  #element = -1
  /** Why the file ends before its end; the tweets before the break are there. */
  fault: FileFault | null = null

  get tweets(): number {
    return this.#offsets.length
  }

  get users(): number {
    return this.#firsts.length
  }

  /** Takes what the reader holds; true when it is through. */
  add(reader: TweetReader, rejects: RejectFilter): boolean {
    try {
      for (;;) {
        const step = reader.advance()
        if (step === 'more') return false
        if (step === 'end') return true
        if (step === 'tweet') this.#enter(reader)
        else if (reader.reject !== null) rejects.add(reader.reject)
      }
    } catch (fault) {
      if (!(fault instanceof FileFault)) throw fault
      this.fault = fault
      return true
    }
  }

  #enter(reader: TweetReader): void {
    if (reader.element !== this.#element) {
      this.#element = reader.element
      const id = BigInt(reader.userId)
      const kept = BigInt.asIntN(64, id)
      if (kept.toString() !== reader.userId) this.#longIds.set(this.#ids.length, reader.userId)
      this.#ids.push(kept)
      this.#firsts.push(this.#offsets.length)
    }
    this.#offsets.push(reader.offset)
    this.#owners.push(this.#ids.length - 1)
  }

  /** The numbers of a user's tweets: from the first up to, not including, the second. */
  range(user: number): readonly [number, number] {
    return [this.#firsts.at(user), user + 1 < this.users ? this.#firsts.at(user + 1) : this.tweets]
  }

  /** The file to read from: the tweets file itself, or what it was unpacked to. */
  openFile(path: string): void {
    this.#fd = openSync(path, 'r')
  }

  /** Reads one tweet, which takes a few µs while the file is in the page cache. */
  read(tweet: number): RawTweet {
    const owner = this.#owners.at(tweet)
    const userId = this.#longIds.get(owner) ?? this.#ids.at(owner).toString()
    let offset = this.#offsets.at(tweet)
    this.#window.moveTo(offset)
    for (let size = firstRead; ; size *= 2) {
      if (this.#bytes.length < size) this.#bytes = Buffer.allocUnsafe(size)
      const got = readSync(this.#fd, this.#bytes, 0, size, offset)
      this.#window.push(this.#bytes.subarray(0, got))
      offset += got
      if (got === 0 || size > maxTextBytes * 4) throw new Error('the tweets file changed while the run was reading it')
      if (!this.#complete()) continue
      const { bytes, start, end } = this.#window
      return { userId, bytes, start: start - 1, end: end + 1, time: null }
    }
  }

  #complete(): boolean {
    const back = this.#window.save()
    try {
      this.#window.string('a tweet')
      return true
    } catch (fault) {
      if (fault !== incomplete) throw fault
      back()
      return false
    }
  }

  close(): void {
    if (this.#fd !== -1) closeSync(this.#fd)
    this.#fd = -1
  }
}
