/** Writes files of any size with a constant amount of memory; a file is there complete or not at all. */
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

const chunkChars = 1 << 20

/** Collects text and writes it in chunks of about 1 MiB to `<path>.part`; `finish` gives the file its name. */
export class FileWriter {
  readonly path: string
  readonly #handle: FileHandle
  #parts: string[] = []
  #chars = 0
  #bytes = 0

  private constructor(path: string, handle: FileHandle) {
    this.path = path
    this.#handle = handle
  }

  static async create(path: string): Promise<FileWriter> {
    await mkdir(dirname(path), { recursive: true })
    return new FileWriter(path, await open(`${path}.part`, 'w'))
  }

  /** Bytes written so far; exact after `finish`. */
  get bytes(): number {
    return this.#bytes
  }

  /** Resolves at once while the chunk is not full. */
  async write(text: string): Promise<void> {
    this.#parts.push(text)
    this.#chars += text.length
    if (this.#chars >= chunkChars) await this.#flush()
  }

  async #flush(): Promise<void> {
    const chunk = Buffer.from(this.#parts.join(''))
    this.#parts = []
    this.#chars = 0
    await this.#handle.writeFile(chunk)
    this.#bytes += chunk.length
  }

  async finish(): Promise<void> {
    await this.#flush()
    await this.#handle.close()
    await rename(`${this.path}.part`, this.path)
  }

  /** Drops what was written; harmless after `finish`. */
  async discard(): Promise<void> {
    await this.#handle.close()
    await rm(`${this.path}.part`, { force: true })
  }
}

/** A JSON array written element by element, one element to a line or more, as Python's `indent` does. */
export class ArrayWriter {
  readonly file: FileWriter
  #first = true

  constructor(file: FileWriter) {
    this.file = file
  }

  async add(element: string): Promise<void> {
    const before = this.#first ? '[\n' : ',\n'
    this.#first = false
    await this.file.write(before + element)
  }

  async finish(): Promise<void> {
    await this.file.write(this.#first ? '[]' : '\n]')
    await this.file.finish()
  }
}
