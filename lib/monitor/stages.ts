/** The line as the overview shows it: what each stage has seen, and whether it does its part. */
import type { EngineStatus } from '#lib/engines/engine.ts'
import { type Flow, isStalled } from '#lib/pipeline/flow.ts'
import type { RunState } from '#lib/pipeline/run.ts'
import type { RunSnapshot, ServiceSnapshot, StageSnapshot } from '#lib/pipeline/snapshot.ts'
import { type EngineId, type StageId, stageIds } from '#lib/pipeline/stages.ts'
import { observe, type State, type Status } from '#lib/pipeline/status.ts'
import type { StageReading } from './readings.ts'

export interface Look {
  readonly run: RunSnapshot | null
  /** Every stage has counted the same messages, so that neighbours can be compared. */
  readonly comparable: boolean
  readonly readings: Readonly<Record<StageId, StageReading>>
  readonly flow: Flow
  readonly engines: Readonly<Record<EngineId, EngineStatus | null>>
  readonly services: readonly ServiceSnapshot[]
  /** Where an engine knows better than the flow when its newest message passed. */
  readonly lastAt: Partial<Readonly<Record<StageId, number | null>>>
}

/** `before`: the stages at the last look, for how long a state has lasted. */
export function stages(look: Look, before: readonly StageSnapshot[], now: number): StageSnapshot[] {
  return stageIds.map((id, i) => {
    const { total, since } = look.readings[id]
    const flow = look.flow[id]
    const input = i === 0 ? undefined : stageIds[i - 1]
    const previous = before.find((stage) => stage.id === id)?.status ?? null
    return {
      id,
      status: stageStatus(id, look, previous, now),
      count: total,
      countSince: since,
      rate: flow.rate,
      lastMessageAt: look.lastAt[id] ?? flow.movedAt,
      backlog: !look.comparable || input === undefined ? null : behind(look.readings[input].total, total),
    }
  })
}

/** Totals are read one after the other, so the later stage may be ahead for a moment. */
const behind = (input: number | null, output: number | null): number | null =>
  input === null || output === null ? null : Math.max(0, input - output)

function stageStatus(id: StageId, look: Look, previous: Status | null, now: number): Status {
  if (id === 'file' || id === 'replay') {
    const { state, reason } = runStatus(look.run, id)
    return observe(previous, state, reason, now)
  }
  const engine = look.engines[id]
  if (engine === null) return observe(previous, 'unknown', 'It has not been asked yet.', now)
  const own = (state: State) => look.services.find((service) => service.engine === id && service.status.state === state)
  // It does not answer because it is on its way up.
  const coming = own('starting')
  if (engine.state === 'down' && coming !== undefined)
    return observe(previous, 'starting', `${coming.id}: ${coming.waitsFor ?? 'starting'}`, now)
  // Whether it runs cannot be asked either, so that it does not answer is no reason to start it.
  const lost = own('unknown')
  if (engine.state === 'down' && lost !== undefined) return observe(previous, 'unknown', lost.status.reason, now)
  const waitingSince = look.flow[id].waitingSince
  if (engine.state === 'up' && waitingSince !== null && isStalled(look.flow[id], now)) {
    const seconds = Math.round((now - waitingSince) / 1_000)
    return observe(previous, 'degraded', `Messages have come in for ${seconds} s, and none has gone on.`, now)
  }
  return { ...observe(previous, engine.state, engine.reason, now), checkedAt: engine.checkedAt }
}

const stateOf: Record<RunState, State> = {
  starting: 'starting',
  running: 'up',
  paused: 'up',
  draining: 'up',
  finished: 'up',
  stopped: 'up',
  failed: 'down',
}

function runStatus(run: RunSnapshot | null, id: 'file' | 'replay'): { state: State; reason: string | null } {
  if (run === null) return { state: 'up', reason: null }
  const { state, reason } = run.progress
  // Whatever stops a replay, the file is only read.
  if (id === 'file' && state !== 'failed') return { state: 'up', reason: null }
  return { state: stateOf[state], reason }
}
