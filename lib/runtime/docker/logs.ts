/** Log lines of a service: of its container, and when following also of its next runs and of those that take its place. */
import type Docker from 'dockerode'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { LogOptions } from '../runtime.ts'
import { listContainers } from './containers.ts'
import { DockerError, hasStatus } from './errors.ts'
import type { Scope } from './guard/scope.ts'
import { FrameReader } from './lines.ts'

export interface LogSource {
  readonly docker: Docker
  readonly scope: Scope
  readonly service: ServiceId
  /** Tells when a service has started, or may have while the engine was away; returns the unsubscribe. */
  readonly onStart: (listener: (service: ServiceId) => void) => () => void
}

/** The engine keeps a container's lines through all of its runs, and ends a followed stream with the run. */
export async function* readLogs(
  source: LogSource,
  { tail, follow, since }: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let container = await newest(source)
  if (container !== null)
    yield* linesOf(source.docker, container.id, { tail, follow: follow && container.running, since }, signal)
  while (follow && !signal.aborted) {
    const next = await nextRun(source, container, signal)
    if (next === null) return
    container = next
    const run = { tail: allLines, follow: next.running, since: next.instance.startedAt ?? 0 }
    yield* linesOf(source.docker, next.id, run, signal)
  }
}

/** All lines of a run, which may be over already when it is noticed. */
export const allLines = 100_000

type Container = Awaited<ReturnType<typeof listContainers>>[number]

async function newest({ docker, scope, service }: LogSource): Promise<Container | null> {
  const found = await listContainers(docker, scope, { service })
  return found.sort((a, b) => (b.instance.startedAt ?? 0) - (a.instance.startedAt ?? 0))[0] ?? null
}

/** The container once it runs anew; null when the signal aborts first. Listens before it looks, so that no start is missed. */
async function nextRun(source: LogSource, before: Container | null, signal: AbortSignal): Promise<Container | null> {
  for (;;) {
    const started = Promise.withResolvers<void>()
    const unsubscribe = source.onStart((service) => service === source.service && started.resolve())
    const onAbort = () => started.resolve()
    signal.addEventListener('abort', onAbort)
    try {
      if (signal.aborted) return null
      const now = await newest(source).catch((error: unknown) => {
        if (isAway(error)) return null
        throw error
      })
      const startedAt = now?.instance.startedAt ?? null
      if (now !== null && startedAt !== null && startedAt !== (before?.instance.startedAt ?? null)) return now
      await started.promise
    } finally {
      unsubscribe()
      signal.removeEventListener('abort', onAbort)
    }
  }
}

const isCut = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ECONNRESET'
const isAway = (error: unknown) => error instanceof DockerError && ['unreachable', 'timeout'].includes(error.code)

/** Lines of one container; ends with it, and without a fault where it has been removed. */
export async function* linesOf(
  docker: Docker,
  id: string,
  { tail, follow, since }: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const reader = new FrameReader()
  // The engine knows when it was given each line, and takes seconds.
  const from = since === undefined ? {} : { since: (since / 1_000).toFixed(3) }
  const options = { stdout: true, stderr: true, tail, ...from }
  try {
    const container = docker.getContainer(id)
    if (follow) {
      const stream = await container.logs({ ...options, follow: true, abortSignal: signal } as never)
      for await (const part of stream as unknown as AsyncIterable<Buffer>) yield* reader.push(part)
    } else yield* reader.push((await container.logs({ ...options, follow: false } as never)) as unknown as Buffer)
    yield* reader.end()
  } catch (error) {
    // Removed meanwhile: its log went with it. Cut off: the engine restarts, and so may the service.
    if (signal.aborted || hasStatus(error, 404) || (follow && isCut(error))) return
    throw error
  }
}
