/** The file from its first tweet to its last: constant memory, one pass after the other when it loops. */
import { FileFault } from '#lib/scan/fault.ts'
import { GzipFault, type Input, inspectFile, openInput } from '#lib/scan/input.ts'
import { TweetReader } from './reader.ts'
import {
  type Mark,
  type OnReject,
  type Position,
  type RawTweet,
  RejectFilter,
  type Source,
  type SourceOptions,
} from './source.ts'

/** Distance of the places kept in memory so that a seek need not read the file from its start. */
const markEveryBytes = 16 * 1024 * 1024

export class SequentialSource implements Source {
  readonly #options: SourceOptions
  readonly #gzip: boolean
  readonly rejects: RejectFilter
  readonly left = null
  readonly bytesTotal: number
  #input: Input | null = null
  #reader: TweetReader
  #marks: Mark[] = []
  #pass = 0
  /** Tweets found since this pass began; null where it did not begin at the start of the file. */
  #found: number | null = 0
  #passOver = false
  #damage: GzipFault | null = null

  constructor(options: SourceOptions, onReject: OnReject) {
    const { bytes, gzip } = inspectFile(options.file)
    this.#options = options
    this.#gzip = gzip
    this.bytesTotal = bytes
    this.rejects = new RejectFilter(onReject)
    this.#reader = new TweetReader(options)
  }

  get bytesRead(): number {
    return this.#input?.bytesRead ?? 0
  }

  get ended(): boolean {
    return this.#passOver && (!this.#options.loop() || this.#found === 0)
  }

  get position(): Position {
    return { pass: this.#pass, index: this.#reader.index + 1 }
  }

  mark(): Mark | null {
    return this.#gzip ? null : this.#reader.mark()
  }

  async open(position: Position, mark?: Mark): Promise<void> {
    await this.#input?.close()
    const known = mark === undefined ? this.#marks : [mark, ...this.#marks]
    const from = known.filter((m) => m.index <= position.index).sort((a, b) => b.index - a.index)[0]
    this.#input = openInput(this.#options.file, this.#gzip, from?.offset ?? 0)
    this.#reader = new TweetReader({ needsTime: this.#options.needsTime, from })
    this.#pass = position.pass
    this.#found = position.index === 0 ? 0 : null
    this.#passOver = false
    this.#damage = null
    while (this.#reader.index + 1 < position.index) {
      const step = this.#advance()
      if (step === 'end') break
      if (step === 'more') await this.#fill()
    }
  }

  take(): RawTweet | null {
    while (!this.#passOver) {
      const step = this.#advance()
      if (step === 'tweet') {
        if (this.#found !== null) this.#found++
        return this.#reader.raw()
      }
      if (step === 'more') return null
      if (step === 'reject') {
        if (this.#reader.reject !== null) this.rejects.add(this.#reader.reject)
        continue
      }
      this.#passOver = true
    }
    return null
  }

  async more(): Promise<void> {
    if (this.#passOver) await this.open({ pass: this.#pass + 1, index: 0 })
    else await this.#fill()
  }

  /** Damaged gzip data ends the file, and its own reason is the better one. */
  #advance(): ReturnType<TweetReader['advance']> {
    try {
      const step = this.#reader.advance()
      if (step !== 'end' || this.#damage === null) return step
    } catch (fault) {
      if (this.#damage === null || !(fault instanceof FileFault)) throw fault
    }
    throw new FileFault(this.#reader.place(), (this.#damage as GzipFault).message)
  }

  async #fill(): Promise<void> {
    const mark = this.mark()
    const last = this.#marks.at(-1)
    if (mark !== null && mark.offset >= (last?.offset ?? 0) + markEveryBytes) this.#marks.push(mark)
    try {
      const chunk = await this.#input?.next()
      if (chunk == null) this.#reader.end()
      else this.#reader.push(chunk)
    } catch (fault) {
      if (!(fault instanceof GzipFault)) throw fault
      this.#damage = fault
      this.#reader.end()
    }
  }

  async close(): Promise<void> {
    await this.#input?.close()
    this.#input = null
  }
}
