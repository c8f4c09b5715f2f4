/** The one vocabulary for "how is it": every probe, page and command speaks in these five states. */
import { z } from 'zod'

export const states = ['up', 'starting', 'degraded', 'down', 'unknown'] as const
export const State = z.enum(states)
/** `unknown` means "could not ask": it is never shown as 0, an empty list or a fault of the engine. */
export type State = z.infer<typeof State>

export const Status = z.object({
  state: State,
  /** What a person needs to know in one sentence; null only where `up` says it all. */
  reason: z.string().nullable(),
  /** When this state began, ms since the epoch. */
  since: z.number(),
  /** When it was last asked, ms since the epoch. */
  checkedAt: z.number(),
})
export type Status = z.infer<typeof Status>

/** Worst first: what an operator must look at before anything else. */
const severity: Record<State, number> = { down: 4, degraded: 3, unknown: 2, starting: 1, up: 0 }

/** The worst of several states; `unknown` for none, because nothing was asked. */
export function rollUp(all: readonly State[]): State {
  return (
    all.reduce<State | null>((worst, s) => (worst === null || severity[s] > severity[worst] ? s : worst), null) ??
    'unknown'
  )
}

/** The next status after an observation: `since` moves only when the state does. */
export function observe(previous: Status | null, state: State, reason: string | null, now: number): Status {
  const since = previous !== null && previous.state === state ? previous.since : now
  return { state, reason, since, checkedAt: now }
}
