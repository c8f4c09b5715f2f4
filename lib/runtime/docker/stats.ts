/** CPU and memory of containers, from the engine's stream: asked once, it takes the engine up to two seconds to answer. */
import type Docker from 'dockerode'
import { z } from 'zod'
import type { ServiceStats } from '../runtime.ts'
import { jsonLines } from './lines.ts'

/** A stream that nobody has asked about for so long is given up. */
const unaskedMs = 15_000

const sample = z.looseObject({
  read: z.string(),
  cpu_stats: z.looseObject({ cpu_usage: z.looseObject({ total_usage: z.number() }) }),
  memory_stats: z.looseObject({
    usage: z.number().optional(),
    stats: z.looseObject({ total_rss: z.number().optional(), anon: z.number().optional() }).optional(),
  }),
})
type Sample = z.infer<typeof sample>

/** Usage counts the page cache; what a service needs is `total_rss` (control groups v1) or `anon` (v2). */
const residentBytes = ({ memory_stats: { usage, stats } }: Sample): number =>
  stats?.total_rss ?? stats?.anon ?? usage ?? 0

export function statsBetween(before: Sample | null, after: Sample): ServiceStats {
  const rssBytes = residentBytes(after)
  if (before === null) return { cpuPercent: 0, rssBytes }
  const elapsedMs = Date.parse(after.read) - Date.parse(before.read)
  const busyMs = (after.cpu_stats.cpu_usage.total_usage - before.cpu_stats.cpu_usage.total_usage) / 1e6
  return { cpuPercent: elapsedMs > 0 ? Math.max(0, (busyMs / elapsedMs) * 100) : 0, rssBytes }
}

interface Watch {
  readonly stop: AbortController
  /** The newest figures; null once the container has ended. */
  latest: Promise<ServiceStats | null>
  askedAt: number
}

export class ContainerStats {
  readonly #docker: Docker
  readonly #watches = new Map<string, Watch>()

  constructor(docker: Docker) {
    this.#docker = docker
  }

  /** null when the container has ended. The first answer waits for the engine's first sample, later ones for nothing. */
  of(id: string): Promise<ServiceStats | null> {
    const watch = this.#watches.get(id) ?? this.#begin(id)
    watch.askedAt = performance.now()
    return watch.latest
  }

  close(): void {
    for (const { stop } of this.#watches.values()) stop.abort()
  }

  #begin(id: string): Watch {
    const first = Promise.withResolvers<ServiceStats | null>()
    const watch: Watch = { stop: new AbortController(), latest: first.promise, askedAt: performance.now() }
    this.#watches.set(id, watch)
    this.#follow(id, watch, first.resolve)
      .catch((error: unknown) => first.reject(error))
      .finally(() => {
        this.#watches.delete(id)
        first.resolve(null)
      })
    return watch
  }

  async #follow(id: string, watch: Watch, onFirst: (stats: ServiceStats) => void): Promise<void> {
    const { signal } = watch.stop
    const options = { stream: true as const, abortSignal: signal }
    const stream: AsyncIterable<unknown> = await this.#docker.getContainer(id).stats(options)
    let before: Sample | null = null
    for await (const line of jsonLines(stream)) {
      const after = sample.safeParse(line)
      // An ended container is told by samples without figures.
      if (!after.success || after.data.read.startsWith('0001')) break
      const stats = statsBetween(before, after.data)
      before = after.data
      onFirst(stats)
      watch.latest = Promise.resolve(stats)
      if (performance.now() - watch.askedAt > unaskedMs) break
    }
    watch.stop.abort()
  }
}
