/**
 * How a supervisor is. Its RUNNING is not believed: with Kafka down, or its tasks dead, it stays RUNNING and healthy with lag 0.
 * So its tasks must answer, and the age of the offsets that it last read from Kafka tells whether its lag means anything.
 */
import type { Finding } from '#lib/engines/observer.ts'
import type { SupervisorSnapshot } from '#lib/pipeline/snapshot.ts'
import type { SupervisorStatus } from './schemas.ts'

/** Druid reads Kafka's offsets every 5 s (`offsetFetchPeriod`). */
export const offsetsOldAfterMs = 20_000

export type SupervisorReport = Omit<SupervisorSnapshot, 'status'> & { readonly finding: Finding }

/** `answering`: ids of the tasks that answer now. */
export function supervisorReport(
  { id, payload }: SupervisorStatus,
  answering: ReadonlySet<string>,
  now: number,
): SupervisorReport {
  const offsetsAt = payload.offsetsLastUpdated ? Date.parse(payload.offsetsLastUpdated) : null
  const known = offsetsAt !== null && now - offsetsAt <= offsetsOldAfterMs
  const current = Object.assign({}, ...payload.activeTasks.map((task) => task.currentOffsets ?? {})) as Record<
    string,
    string
  >
  const latest = payload.latestOffsets ?? {}
  const partitions = [...new Set([...Object.keys(current), ...Object.keys(latest)])]
    .map((p) => ({
      partition: Number(p),
      offset: current[p] ?? null,
      latest: latest[p] ?? null,
      lag: known ? (payload.minimumLag?.[p] ?? null) : null,
    }))
    .sort((a, b) => a.partition - b.partition)
  return {
    id,
    state: payload.state,
    detailedState: payload.detailedState,
    activeTasks: payload.activeTasks.length,
    partitions,
    aggregateLag: known ? (payload.aggregateLag ?? null) : null,
    offsetsAt,
    recentErrors: payload.recentErrors.map(({ timestamp, exceptionClass, message }) => ({
      at: timestamp ? Date.parse(timestamp) : null,
      message: message ?? exceptionClass,
    })),
    finding: judge({ id, payload }, answering, offsetsAt, now),
  }
}

const beginning = ['PENDING', 'CONNECTING_TO_STREAM', 'DISCOVERING_INITIAL_TASKS', 'CREATING_TASKS']

function judge(
  { id, payload }: SupervisorStatus,
  answering: ReadonlySet<string>,
  offsetsAt: number | null,
  now: number,
): Finding {
  if (payload.suspended)
    return {
      state: 'degraded',
      reason: `Supervisor ${id} is suspended: nothing is read until it is resumed.`,
      held: true,
    }
  if (!payload.healthy) {
    const last = payload.recentErrors.at(-1)
    const why = last ? `: ${last.message ?? last.exceptionClass}` : '.'
    return { state: 'degraded', reason: `Supervisor ${id} is ${payload.detailedState}${why}` }
  }
  if (beginning.includes(payload.detailedState) || payload.activeTasks.length === 0)
    return { state: 'starting', reason: `Supervisor ${id} is ${payload.detailedState} and has no active task yet.` }
  const silent = payload.activeTasks.filter((task) => !answering.has(task.id))
  const gone = silent.find((task) => Object.keys(task.currentOffsets ?? {}).length > 0)
  if (gone)
    return { state: 'degraded', reason: `Task ${gone.id} does not answer any more. Druid starts another by itself.` }
  if (silent.length > 0) return { state: 'starting', reason: `Task ${silent[0]?.id} is starting.` }
  // Its first look at Kafka's offsets comes seconds after its tasks have begun to read: until then the lag is unknown.
  if (offsetsAt !== null && now - offsetsAt > offsetsOldAfterMs) {
    const seconds = Math.round((now - offsetsAt) / 1_000)
    return {
      state: 'degraded',
      reason: `Supervisor ${id} says ${payload.state}, but last read Kafka's offsets ${seconds} s ago: its lag is unknown. Look at Kafka.`,
    }
  }
  return { state: 'up', reason: null }
}
