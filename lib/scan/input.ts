/** The bytes of a file from first to last: plain, or unpacked when it begins as gzip does. */
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs'
import { createGunzip } from 'node:zlib'

const chunkBytes = 128 * 1024
/** Small, because a chunk may unpack to a thousand times its size and all of that is held. */
const packedBytes = 16 * 1024

export interface Input {
  /** The next bytes, valid until the next call; null at the end. Rejects with GzipFault. */
  next(): Promise<Uint8Array | null>
  /** Bytes of the file as it lies on the disk that have been read. */
  readonly bytesRead: number
  close(): Promise<void>
}

/** The gzip data breaks off or is damaged; what could be unpacked has come out before. */
export class GzipFault extends Error {}

/** Size of the file, and whether it begins as gzip data does (RFC 1952, section 2.3.1). Throws where it cannot be read. */
export function inspectFile(path: string): { readonly bytes: number; readonly gzip: boolean } {
  const fd = openSync(path, 'r')
  try {
    const magic = Buffer.alloc(2)
    readSync(fd, magic, 0, 2, 0)
    return { bytes: fstatSync(fd).size, gzip: magic[0] === 0x1f && magic[1] === 0x8b }
  } finally {
    closeSync(fd)
  }
}

/** Opens at `from`, an offset in the unpacked bytes; gzip can only be read from 0. */
export function openInput(path: string, gzip: boolean, from = 0): Input {
  return gzip ? new GzipInput(path) : new PlainInput(path, from)
}

/**
 * Reads at once and not in the background: a piece lies in the page cache, as the kernel reads ahead, and takes a few
 * µs. Handed to a thread it would wait for that thread's turn, which on a busy machine holds up the schedule.
 */
class PlainInput implements Input {
  readonly #fd: number
  readonly #buffer = Buffer.allocUnsafe(chunkBytes)
  bytesRead: number

  constructor(path: string, from: number) {
    this.#fd = openSync(path, 'r')
    this.bytesRead = from
  }

  async next(): Promise<Uint8Array | null> {
    const got = readSync(this.#fd, this.#buffer, 0, chunkBytes, this.bytesRead)
    this.bytesRead += got
    return got === 0 ? null : this.#buffer.subarray(0, got)
  }

  async close(): Promise<void> {
    closeSync(this.#fd)
  }
}

/**
 * Feeds gunzip by hand and takes everything that comes out of each piece before the next one goes in: a stream
 * would throw away its last output when the data breaks off.
 */
class GzipInput implements Input {
  readonly #source: ReturnType<typeof createReadStream>
  readonly #packed: AsyncIterator<Buffer>
  readonly #gunzip = createGunzip({ chunkSize: chunkBytes })
  readonly #queue: Buffer[] = []
  #fault: Error | null = null
  #done = false
  #wake: () => void = () => {}
  bytesRead = 0

  constructor(path: string) {
    this.#source = createReadStream(path, { highWaterMark: packedBytes })
    this.#packed = this.#source[Symbol.asyncIterator]()
    this.#gunzip.on('data', (chunk: Buffer) => this.#queue.push(chunk))
    this.#gunzip.on('error', (error) => {
      this.#fault = error
      this.#wake()
    })
    this.#gunzip.on('end', () => {
      this.#done = true
      this.#wake()
    })
  }

  async next(): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = this.#queue.shift()
      if (chunk !== undefined) return chunk
      if (this.#fault !== null) throw new GzipFault(`the gzip data cannot be unpacked further: ${this.#fault.message}`)
      if (this.#done) return null
      await this.#feed()
    }
  }

  async #feed(): Promise<void> {
    const { value, done } = await this.#packed.next()
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      if (done === true) this.#gunzip.end()
      else {
        this.bytesRead += value.length
        this.#gunzip.write(value, () => resolve())
      }
    })
  }

  async close(): Promise<void> {
    this.#source.destroy()
    this.#gunzip.destroy()
  }
}
