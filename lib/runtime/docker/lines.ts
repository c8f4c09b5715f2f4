/** Reads what an engine streams: JSON values one a line, and logs in frames. */
import { z } from 'zod'
import { LineSplitter } from '../lines.ts'

/** A longer frame than Docker writes (16 KiB and its header) means that something else is being read. */
const longestFrame = 1 << 24

/** Values of a stream of JSON lines. Ends with the stream; throws with its error. */
export async function* jsonLines(stream: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  const splitter = new LineSplitter()
  for await (const part of stream)
    for (const line of splitter.push(part as Buffer)) if (line.trim() !== '') yield JSON.parse(line)
  for (const line of splitter.end()) yield JSON.parse(line)
}

/** What lines of a build, a pull or an import have in common. Each shape of such a line is made of it. */
export const progressLine = z.looseObject({
  error: z.string().optional(),
  errorDetail: z.looseObject({ message: z.string().optional() }).optional(),
})

/**
 * Why the work that a line tells of has failed; undefined where it has not. `error` is deprecated from API 1.48 (Docker 28) on, and is to
 * be left out by a later one; see https://docs.docker.com/reference/api/engine/version-history/.
 */
export const faultOf = ({ error, errorDetail }: z.infer<typeof progressLine>): string | undefined =>
  errorDetail?.message || error || undefined

/** Takes log frames apart: a header of 8 bytes (stream, 3 zeros, size) before each piece; see "attach" in Docker's API. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)
  /** Lines of standard output and error are put together apart: a frame may end within a line. */
  readonly #splitters = new Map<number, LineSplitter>()

  /** Complete lines, in the order in which they were completed. */
  push(bytes: Buffer): string[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    const lines: string[] = []
    while (this.#rest.length >= 8) {
      const stream = this.#rest.readUInt8(0)
      const size = this.#rest.readUInt32BE(4)
      if (stream > 2 || size > longestFrame) throw new Error('The engine sends no log frames')
      if (this.#rest.length < 8 + size) break
      const splitter = this.#splitters.get(stream) ?? new LineSplitter()
      this.#splitters.set(stream, splitter)
      lines.push(...splitter.push(this.#rest.subarray(8, 8 + size)))
      this.#rest = this.#rest.subarray(8 + size)
    }
    return lines
  }

  /** Lines that never ended. */
  end(): string[] {
    return [...this.#splitters.values()].flatMap((splitter) => splitter.end())
  }
}
