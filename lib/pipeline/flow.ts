/** How messages move along the line, from the totals seen at each stage: rates, and stages where they stand. */
import { type StageId, stageIds } from './stages.ts'

export interface Reading {
  /** Messages that this stage has seen so far; null when it could not be asked. Falls only when the stage starts anew. */
  readonly total: number | null
  /** Over which time the rate is taken: longer where the total is renewed seldom. */
  readonly windowMs?: number
}

export interface StageFlow {
  readonly total: number | null
  /** Messages a second; null until two totals are known. */
  readonly rate: number | null
  /** When the total was last seen to grow, ms since the epoch. */
  readonly movedAt: number | null
  /** Since when messages have come to this stage while none has left it; null while they do. */
  readonly waitingSince: number | null
  /** Totals within the window, oldest first. */
  readonly samples: readonly { readonly at: number; readonly total: number }[]
}

export type Flow = Readonly<Record<StageId, StageFlow>>

/** Input that has waited for so long means that the stage stands. */
export const stalledAfterMs = 10_000
const usualWindowMs = 5_000

const nothing: StageFlow = { total: null, rate: null, movedAt: null, waitingSince: null, samples: [] }

/** The flow before anything was seen. */
export const noFlow: Flow = Object.fromEntries(stageIds.map((id) => [id, nothing])) as Flow

/** The flow after one more look at every stage. */
export function advance(before: Flow, readings: Readonly<Record<StageId, Reading>>, now: number): Flow {
  let inputMoved = false
  const stages = stageIds.map((id, i) => {
    const previous = before[id]
    const { total, windowMs = usualWindowMs } = readings[id]
    const moved = total !== null && previous.total !== null && total > previous.total
    const samples = keep(previous.samples, total, now, windowMs)
    const input = i === 0 ? null : readings[stageIds[i - 1] ?? id].total
    const flow: StageFlow = {
      // A total that could not be asked for once is compared again when it can.
      total: total ?? previous.total,
      rate: total === null ? null : rateOf(samples),
      movedAt: moved ? now : previous.movedAt,
      waitingSince: waiting(previous.waitingSince, { inputMoved, moved, done: total === null || input === total }, now),
      samples,
    }
    inputMoved = moved
    return [id, flow] as const
  })
  return Object.fromEntries(stages) as Flow
}

/** True when messages have come in for long and none has gone out. */
export const isStalled = ({ waitingSince }: StageFlow, now: number): boolean =>
  waitingSince !== null && now - waitingSince >= stalledAfterMs

function waiting(
  since: number | null,
  { inputMoved, moved, done }: { inputMoved: boolean; moved: boolean; done: boolean },
  now: number,
): number | null {
  if (moved || done) return null
  return since ?? (inputMoved ? now : null)
}

function keep(
  samples: StageFlow['samples'],
  total: number | null,
  now: number,
  windowMs: number,
): StageFlow['samples'] {
  const last = samples.at(-1)
  if (total === null) return samples
  // The stage began anew: what was before says nothing about its rate.
  if (last !== undefined && total < last.total) return [{ at: now, total }]
  const recent = samples.filter((sample) => now - sample.at <= windowMs)
  return [...recent, { at: now, total }]
}

function rateOf(samples: StageFlow['samples']): number | null {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined || last.at === first.at) return null
  return ((last.total - first.total) * 1_000) / (last.at - first.at)
}
