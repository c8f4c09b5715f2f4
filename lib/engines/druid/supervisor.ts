/**
 * How a supervisor is. Its RUNNING is not believed: with Kafka down it stays RUNNING and healthy with lag 0. The age of
 * the offsets that it last read from Kafka tells whether its lag means anything.
 */
import type { Finding } from '#lib/engines/observer.ts'
import type { SupervisorSnapshot } from '#lib/pipeline/snapshot.ts'
import type { SupervisorStatus } from './schemas.ts'

/** Druid reads Kafka's offsets every 5 s (`offsetFetchPeriod`). */
export const offsetsOldAfterMs = 20_000

export type SupervisorReport = Omit<SupervisorSnapshot, 'status'> & { readonly finding: Finding }

export function supervisorReport({ id, payload }: SupervisorStatus, now: number): SupervisorReport {
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
    finding: judge(id, payload, offsetsAt, now),
  }
}

const beginning = ['PENDING', 'CONNECTING_TO_STREAM', 'DISCOVERING_INITIAL_TASKS', 'CREATING_TASKS']

function judge(id: string, payload: SupervisorStatus['payload'], offsetsAt: number | null, now: number): Finding {
  if (payload.suspended)
    return { state: 'degraded', reason: `Supervisor ${id} is suspended: nothing is read until it is resumed.` }
  if (!payload.healthy) {
    const last = payload.recentErrors.at(-1)
    const why = last ? `: ${last.message ?? last.exceptionClass}` : '.'
    return { state: 'degraded', reason: `Supervisor ${id} is ${payload.detailedState}${why}` }
  }
  if (beginning.includes(payload.detailedState) || payload.activeTasks.length === 0)
    return { state: 'starting', reason: `Supervisor ${id} is ${payload.detailedState} and has no active task yet.` }
  if (offsetsAt === null) return { state: 'starting', reason: `Supervisor ${id} has not read Kafka's offsets yet.` }
  if (now - offsetsAt > offsetsOldAfterMs) {
    const seconds = Math.round((now - offsetsAt) / 1_000)
    return {
      state: 'degraded',
      reason: `Supervisor ${id} says ${payload.state}, but last read Kafka's offsets ${seconds} s ago: its lag is unknown. Look at Kafka.`,
    }
  }
  return { state: 'up', reason: null }
}
