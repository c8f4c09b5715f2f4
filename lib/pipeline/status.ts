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

/** The next status after an observation: `since` moves only when the state does. */
export function observe(previous: Status | null, state: State, reason: string | null, now: number): Status {
  const since = previous !== null && previous.state === state ? previous.since : now
  return { state, reason, since, checkedAt: now }
}
