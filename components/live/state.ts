/**
 * What the browser knows of the server's facts, as a value: the whole overview, then numbered deltas. Pure, so that gaps, repeats
 * and clocks that differ can be proven. `store.ts` holds one of these, `socket.ts` feeds it.
 */
import type { OverviewDelta, OverviewWhole } from '#lib/live/events.ts'
import type { Overview } from '#lib/pipeline/snapshot.ts'
import { type StageId, stageIds } from '#lib/pipeline/stages.ts'

export type Connection = 'connecting' | 'live' | 'lost'

export interface RateSample {
  /** Seconds since the epoch, by the server's clock. */
  readonly second: number
  /** Messages a second; null where it could not be asked. */
  readonly rate: number | null
}

export interface LiveState {
  readonly connection: Connection
  readonly overview: Overview | null
  /** Number of the last delta that was applied; -1 before the first whole. */
  readonly seq: number
  /** A delta is missing: nothing more is applied until the whole has come again. */
  readonly needsWhole: boolean
  /** When the newest facts were written, by the server's clock. */
  readonly dataAt: number | null
  /** How far the browser's clock is ahead of the server's, ms; the smallest difference seen, which has the least delay in it. */
  readonly skewMs: number
  /** The last minutes of each stage's rate. */
  readonly rates: Readonly<Record<StageId, readonly RateSample[]>>
  /** Set when the server ended the session. */
  readonly sessionEnded: string | null
}

/** Samples kept of each stage, one a second. */
export const rateSamples = 120

const noRates = Object.fromEntries(stageIds.map((id) => [id, []])) as unknown as LiveState['rates']

export const emptyState: LiveState = {
  connection: 'connecting',
  overview: null,
  seq: -1,
  needsWhole: true,
  dataAt: null,
  skewMs: 0,
  rates: noRates,
  sessionEnded: null,
}

function remember(rates: LiveState['rates'], overview: Overview, at: number): LiveState['rates'] {
  const second = Math.floor(at / 1000)
  const next = { ...rates }
  for (const stage of overview.stages) {
    const before = rates[stage.id]
    const last = before.at(-1)
    // The clock of a restarted server may stand behind; a chart needs rising times.
    if (last !== undefined && second <= last.second) continue
    next[stage.id] = [...before, { second, rate: stage.rate }].slice(-rateSamples)
  }
  return next
}

const smallerSkew = (state: LiveState, at: number, now: number): number =>
  state.dataAt === null ? now - at : Math.min(state.skewMs, now - at)

/** A whole replaces everything, whatever its number: a restarted server begins again at its own. */
export function applyWhole(state: LiveState, whole: OverviewWhole, now: number): LiveState {
  return {
    ...state,
    connection: 'live',
    overview: whole.overview,
    seq: whole.seq,
    needsWhole: false,
    dataAt: whole.at,
    // A fresh whole also ends an old estimate: the machine may have slept or set its clock.
    skewMs: now - whole.at,
    rates: remember(state.rates, whole.overview, whole.at),
  }
}

/** Applies the next delta, passes over one already seen, and asks for the whole when one is missing. */
export function applyDelta(state: LiveState, delta: OverviewDelta, now: number): LiveState {
  if (state.overview === null || state.needsWhole || delta.seq <= state.seq) return state
  if (delta.seq !== state.seq + 1) return { ...state, needsWhole: true }
  const overview = { ...state.overview, ...delta.changes }
  return {
    ...state,
    connection: 'live',
    overview,
    seq: delta.seq,
    dataAt: delta.at,
    skewMs: smallerSkew(state, delta.at, now),
    rates: delta.changes.stages === undefined ? state.rates : remember(state.rates, overview, delta.at),
  }
}

/** What is on screen stays, but its age counts on and every delta waits for a new whole. */
export const loseConnection = (state: LiveState): LiveState => ({ ...state, connection: 'lost', needsWhole: true })

/** The server's clock as the browser reckons it. */
export const serverNow = ({ skewMs }: Pick<LiveState, 'skewMs'>, now: number): number => now - skewMs
