/** How far a download is: names, bytes and remaining time out of what the clients print. */
import type { FilePin } from './pins.ts'
import type { ArtifactProgress } from './types.ts'

/** File named by a line of Maven's batch output, and whether it has arrived. Null for every other line. */
export function parseMavenLine(line: string): { file: string; arrived: boolean } | null {
  const match = /^(?:\[INFO\] )?Download(ing|ed) from [^:]+: (\S+)/.exec(line)
  const file = match?.[2]?.split('/').at(-1)
  return match === null || file === undefined || file === '' ? null : { file, arrived: match[1] === 'ed' }
}

const reportEveryMs = 100

/**
 * Counts what has arrived. Bytes are those of pinned files only; the remaining time also counts the requests for POMs and
 * plugins, because they take most of a Maven run's time and hardly any of its bytes.
 */
export class DownloadMeter {
  readonly #sizes: Map<string, number>
  readonly #totalBytes: number
  readonly #requests: number
  readonly #report: (progress: Omit<ArtifactProgress, 'artifact'>) => void
  readonly #now: () => number
  readonly #arrived = new Set<string>()
  readonly #startedAt: number
  #doneBytes = 0
  #doneRequests = 0
  #reportedAt = Number.NEGATIVE_INFINITY

  constructor(options: {
    pins: FilePin[]
    /** Requests still to come, null where only the pinned files are asked for. */
    requests: number | null
    /** Pinned files that an earlier attempt has left. */
    present: Iterable<string>
    report: (progress: Omit<ArtifactProgress, 'artifact'>) => void
    now?: () => number
  }) {
    this.#sizes = new Map(options.pins.map((pin) => [pin.file, pin.bytes]))
    this.#totalBytes = options.pins.reduce((sum, pin) => sum + pin.bytes, 0)
    this.#report = options.report
    this.#now = options.now ?? Date.now
    this.#startedAt = this.#now()
    for (const file of options.present) this.#count(file)
    this.#requests = Math.max(1, options.requests ?? options.pins.length - this.#arrived.size)
  }

  #count(file: string): void {
    const bytes = this.#sizes.get(file)
    if (bytes === undefined || this.#arrived.has(file)) return
    this.#arrived.add(file)
    this.#doneBytes += bytes
  }

  /** Seconds by the share of the requests that are done, null before the first twentieth: earlier it would only jump. */
  #remaining(): number | null {
    const share = Math.min(1, this.#doneRequests / this.#requests)
    if (share < 0.05) return null
    const elapsed = (this.#now() - this.#startedAt) / 1000
    return Math.round((elapsed * (1 - share)) / share)
  }

  /** The file now on its way. */
  begin(file: string): void {
    this.#emit(file, false)
  }

  /** A file that has arrived complete. */
  finish(file: string): void {
    this.#doneRequests += 1
    this.#count(file)
    this.#emit(file, false)
  }

  #emit(file: string, always: boolean): void {
    const now = this.#now()
    if (!always && now - this.#reportedAt < reportEveryMs) return
    this.#reportedAt = now
    this.#report({
      phase: 'downloading',
      file,
      doneBytes: this.#doneBytes,
      totalBytes: this.#totalBytes,
      remainingSeconds: this.#remaining(),
    })
  }
}
