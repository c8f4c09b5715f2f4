/**
 * The file `reserved` of a run: no seq from there on has been used. After a crash the last report is older than the
 * last message, and a seq that was used must not come again with another text: a seek may take effect only there.
 * It is written before what it covers is sent, and left to the page cache, so it outlives any process but not the
 * machine: what was written before the machine came up is not believed.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, writeSync } from 'node:fs'
import { uptime } from 'node:os'

/** Blocks shrink and grow to about ten a second: a small one keeps a seek waiting for few messages. */
const everyMs = 100
const largestBlock = 10_000
/** All of one length, so that each replaces the one before. */
const digits = 16

export class Reserve {
  readonly #fd: number
  #end: number
  #block = 1
  #at = 0
  /** The first seq that no earlier process of the run has used; infinite where that is not known. */
  readonly from: number

  /** `fresh`: nothing of the run has been sent yet. */
  constructor(path: string, fresh: boolean) {
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600)
    this.from = fresh ? 0 : this.#written()
    this.#end = Number.isFinite(this.from) ? this.from : 0
    if (fresh) this.#write()
  }

  #written(): number {
    const text = readFileSync(this.#fd, 'utf8')
    const upSince = Date.now() - uptime() * 1000
    return text === '' || fstatSync(this.#fd).mtimeMs < upSince ? Number.POSITIVE_INFINITY : Number(text)
  }

  /** Before `seq` is sent for the first time. Not for what an earlier process may have used: that stays unbelieved. */
  use(seq: number): void {
    if (seq < this.#end) return
    const now = performance.now()
    this.#block = now - this.#at < everyMs ? Math.min(this.#block * 2, largestBlock) : Math.ceil(this.#block / 2)
    this.#at = now
    this.#end = seq + this.#block
    this.#write()
  }

  #write(): void {
    writeSync(this.#fd, String(this.#end).padStart(digits, '0'), 0)
  }

  close(): void {
    closeSync(this.#fd)
  }
}
