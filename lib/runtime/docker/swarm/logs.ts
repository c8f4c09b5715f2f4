/** Log lines of a service of a swarm: of all its replicas, and of the tasks before them, each of which is a container of its own. */

import type { LogOptions } from '../../runtime.ts'
import { listContainers } from '../containers.ts'
import { allLines, type LogSource, linesOf } from '../logs.ts'

/** Of replicas that run beside each other lines mix as they come; a reader that falls behind holds them up from so many on. */
const mostWaiting = 1_000

export async function* readReplicas(
  source: LogSource,
  { tail, follow, since }: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const found = await containersOf(source)
  const past: string[] = []
  for (const { id, running } of found)
    if (!(follow && running))
      for await (const line of linesOf(source.docker, id, { tail, follow: false, since }, signal)) past.push(line)
  yield* past.slice(Math.max(0, past.length - tail))
  if (!follow) return
  const followed = new Followed(source, signal)
  for (const { id, running } of found) followed.add(id, running ? { tail, follow: true, since } : null)
  yield* followed.lines()
}

/** Oldest first. One that was made and has not begun has no lines. */
async function containersOf({ docker, scope, service }: LogSource) {
  const found = await listContainers(docker, scope, { service })
  const begun = found.filter(({ instance }) => instance.state !== 'absent')
  return begun.sort((a, b) => (a.instance.startedAt ?? 0) - (b.instance.startedAt ?? 0))
}

/** What runs, and what starts after it. */
class Followed {
  readonly #source: LogSource
  readonly #signal: AbortSignal
  readonly #known = new Set<string>()
  readonly #waiting: string[] = []
  #wake = Promise.withResolvers<void>()
  #room = Promise.withResolvers<void>()

  constructor(source: LogSource, signal: AbortSignal) {
    this.#source = source
    this.#signal = signal
  }

  /** Of null nothing is read: it has been already. */
  add(id: string, options: LogOptions | null): void {
    if (this.#known.has(id)) return
    this.#known.add(id)
    // A stream that is cut is the engine's end, after which its containers are others.
    if (options !== null) this.#read(id, options).catch(() => {})
  }

  async *lines(): AsyncGenerator<string> {
    const { onStart, service } = this.#source
    const unsubscribe = onStart((started) => started === service && void this.#look())
    const onAbort = () => {
      this.#wake.resolve()
      this.#room.resolve()
    }
    this.#signal.addEventListener('abort', onAbort)
    try {
      // After subscribing, so that none is missed between.
      void this.#look()
      while (!this.#signal.aborted) {
        yield* this.#waiting.splice(0)
        this.#room.resolve()
        if (this.#waiting.length === 0) await this.#wake.promise
        this.#wake = Promise.withResolvers()
      }
    } finally {
      unsubscribe()
      this.#signal.removeEventListener('abort', onAbort)
    }
  }

  async #look(): Promise<void> {
    const found = await containersOf(this.#source).catch(() => [])
    for (const { id, running } of found) this.add(id, { tail: allLines, follow: running })
  }

  async #read(id: string, options: LogOptions): Promise<void> {
    for await (const line of linesOf(this.#source.docker, id, options, this.#signal)) {
      if (this.#signal.aborted) return
      this.#waiting.push(line)
      this.#wake.resolve()
      if (this.#waiting.length < mostWaiting) continue
      this.#room = Promise.withResolvers()
      await this.#room.promise
    }
  }
}
