/**
 * The file in a seeded order: `shuffle` takes each tweet once, `random` draws a user and then one of the user's
 * tweets, again and again, as the original publisher did. Both need the whole file read once before the first tweet.
 */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FileFault } from '#lib/scan/fault.ts'
import { GzipFault, inspectFile, openInput } from '#lib/scan/input.ts'
import { draw, shuffled } from '../random.ts'
import { Catalog } from './catalog.ts'
import { TweetReader } from './reader.ts'
import { type OnReject, type Position, type RawTweet, RejectFilter, type Source, type SourceOptions } from './source.ts'

export class ScatteredSource implements Source {
  readonly #options: SourceOptions
  readonly #catalog = new Catalog()
  readonly rejects: RejectFilter
  #order: Uint32Array | null = null
  #pass = 0
  #index = 0
  bytesRead = 0
  readonly bytesTotal: number
  readonly #gzip: boolean

  constructor(options: SourceOptions, onReject: OnReject) {
    const { bytes, gzip } = inspectFile(options.file)
    this.#options = options
    this.#gzip = gzip
    this.bytesTotal = bytes
    this.rejects = new RejectFilter(onReject)
  }

  /** Reads the file once, and unpacks it on the way where it is packed. */
  async #build(): Promise<void> {
    const { file, scratch } = this.#options
    const unpacked = join(scratch, 'unpacked')
    const input = openInput(file, this.#gzip)
    const copy = this.#gzip ? createWriteStream(unpacked) : null
    const reader = new TweetReader({ needsTime: () => false })
    let damage: GzipFault | null = null
    while (!this.#catalog.add(reader, this.rejects)) {
      const piece = await input.next().catch((fault) => {
        if (!(fault instanceof GzipFault)) throw fault
        damage = fault
        return null
      })
      this.bytesRead = input.bytesRead
      if (piece === null) reader.end()
      else {
        reader.push(piece)
        if (copy?.write(Buffer.from(piece)) === false) await once(copy, 'drain')
      }
    }
    await input.close()
    if (copy !== null) await new Promise((resolve, reject) => copy.on('error', reject).end(() => resolve(null)))
    if (damage !== null) this.#catalog.fault = new FileFault(reader.place(), (damage as GzipFault).message)
    this.#catalog.openFile(this.#gzip ? unpacked : file)
  }

  get ended(): boolean {
    if (this.#catalog.tweets === 0) return true
    return this.#options.mode === 'shuffle' && !this.#options.loop() && this.#index >= this.#catalog.tweets
  }

  get position(): Position {
    return { pass: this.#pass, index: this.#index }
  }

  get left(): number | null {
    return this.#order === null ? null : this.#catalog.tweets - this.#index
  }

  mark(): undefined {
    return undefined
  }

  async open(position: Position): Promise<void> {
    if (this.bytesRead === 0) await this.#build()
    const { mode, seed } = this.#options
    if (this.#catalog.fault !== null && this.#catalog.tweets === 0) throw this.#catalog.fault
    if (mode === 'shuffle' && (this.#order === null || position.pass !== this.#pass))
      this.#order = shuffled(this.#catalog.tweets, (seed + position.pass) >>> 0)
    this.#pass = position.pass
    this.#index = position.index
  }

  take(): RawTweet | null {
    if (this.#catalog.tweets === 0) return null
    // A break in the file ends the first pass, also one that loops; a pass of draws is as many as there are tweets.
    if (this.#catalog.fault !== null && this.#index >= this.#catalog.tweets) throw this.#catalog.fault
    if (this.#options.mode === 'random') return this.#catalog.read(this.#draw(this.#index++))
    const tweet = this.#order?.[this.#index]
    if (tweet === undefined) return null
    this.#index++
    return this.#catalog.read(tweet)
  }

  #draw(n: number): number {
    const { seed } = this.#options
    const user = Math.floor(draw(seed, n * 2) * this.#catalog.users)
    const [first, end] = this.#catalog.range(user)
    return first + Math.floor(draw(seed, n * 2 + 1) * (end - first))
  }

  async more(): Promise<void> {
    if (!this.ended) await this.open({ pass: this.#pass + 1, index: 0 })
  }

  async close(): Promise<void> {
    this.#catalog.close()
    if (this.#gzip) await rm(join(this.#options.scratch, 'unpacked'), { force: true })
  }
}
