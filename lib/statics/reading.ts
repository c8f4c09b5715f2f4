/** From a file's bytes to rows: what all readers of static files share. */
import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Elements } from '#lib/scan/elements.ts'
import { FileFault } from '#lib/scan/fault.ts'
import { GzipFault, inspectFile, openInput } from '#lib/scan/input.ts'
import type { JsonWindow } from '#lib/scan/json.ts'
import { FileRefusal } from './refusal.ts'
import type { Spot, Tally } from './tally.ts'

export type Cell = string | number | boolean | null

/** What a reader gives its rows to. It counts each of them in the tally. */
export interface Sink {
  readonly tally: Tally
  row(cells: readonly Cell[]): void
}

/** Reads a whole file. Chunks hold until the next one is asked for. Throws FileRefusal or FileFault. */
export type Read = (chunks: AsyncIterable<Uint8Array>, sink: Sink) => Promise<void>

export interface ReadOptions {
  readonly signal: AbortSignal
  /** Waited for between two chunks. `doneBytes` of the file as it lies on the disk. */
  readonly onChunk: (doneBytes: number) => Promise<void>
}

/** What was read, unpacked. */
export interface Content {
  readonly bytes: number
  readonly sha256: string
}

/** Reads a file, plain or gzip. Rejects with FileRefusal, with the signal's reason, or as the file system does. */
export async function readFile(path: string, read: Read, sink: Sink, options: ReadOptions): Promise<Content> {
  const hash = createHash('sha256')
  const input = openInput(path, inspectFile(path).gzip)
  let bytes = 0
  async function* chunks() {
    for (let chunk = await input.next(); chunk !== null; chunk = await input.next()) {
      hash.update(chunk)
      bytes += chunk.length
      yield chunk
      await options.onChunk(input.bytesRead)
      // Plain files are read without waiting: others must get their turn too.
      await nextTurn()
      options.signal.throwIfAborted()
    }
  }
  try {
    await read(chunks(), sink)
  } catch (error) {
    if (error instanceof GzipFault || error instanceof FileFault) throw new FileRefusal(error.message, { cause: error })
    throw error
  } finally {
    await input.close()
  }
  return { bytes, sha256: hash.digest('hex') }
}

interface ElementReader {
  readonly expected: string
  readonly one: string
  /** As in ElementsOptions. */
  readonly scan: (window: JsonWindow) => void
  /** What `scan` found last. */
  readonly take: (element: number) => void
}

/** Every element of a JSON file, in order; those that cannot be scanned are rejected. */
export async function eachElement(
  chunks: AsyncIterable<Uint8Array>,
  { expected, one, scan, take }: ElementReader,
  tally: Tally,
): Promise<void> {
  const elements = new Elements({ expected, one, scan })
  let element = 0
  const drain = () => {
    for (;;) {
      const step = elements.next()
      if (step === 'more' || step === 'end') return
      if (step === 'element') take(element)
      else tally.reject({ ...elements.refusal.place, element }, elements.refusal.reason)
      element++
    }
  }
  for await (const chunk of chunks) {
    elements.window.push(chunk)
    drain()
  }
  elements.window.ended = true
  drain()
}

/** The first element tells whether this is the right file: throws FileRefusal where members are missing. */
export function requireMembers(missing: readonly string[], expected: string, { line }: Spot): void {
  if (missing.length === 0) return
  throw new FileRefusal(`line ${line}: ${missing.join(', ')} is missing in the first element; expected ${expected}`)
}
