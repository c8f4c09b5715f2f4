/** Memory for encoded packets: large pieces that are used again, so that a fast run makes no garbage. */

const chunkBytes = 64 * 1024

/** A piece of memory with packets one after the other. It goes back to the pool when the last is released. */
export interface Chunk {
  readonly bytes: Buffer
  used: number
  live: number
}

export class ChunkPool {
  readonly #free: Chunk[] = []
  #current = this.#make(chunkBytes)

  #make(size: number): Chunk {
    return { bytes: Buffer.allocUnsafeSlow(size), used: 0, live: 0 }
  }

  /** A chunk with at least so many bytes left. */
  room(bytes: number): Chunk {
    if (this.#current.bytes.length - this.#current.used >= bytes) return this.#current
    const full = this.#current
    this.#current = (bytes <= chunkBytes && this.#free.pop()) || this.#make(Math.max(bytes, chunkBytes))
    this.#recycle(full)
    return this.#current
  }

  /** One packet of the chunk is needed no more. */
  release(chunk: Chunk): void {
    chunk.live--
    if (chunk !== this.#current) this.#recycle(chunk)
  }

  #recycle(chunk: Chunk): void {
    if (chunk.live > 0 || chunk.bytes.length !== chunkBytes) return
    chunk.used = 0
    this.#free.push(chunk)
  }
}
