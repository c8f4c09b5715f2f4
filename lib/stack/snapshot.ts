/** What the stack tells of itself. */
import type { StackPhase, StackSnapshot } from '#lib/pipeline/snapshot.ts'
import { withUsed } from './external-keeper.ts'
import type { Keeper } from './keeper-options.ts'
import { messageOf } from './last-words.ts'
import type { Remembered } from './memory.ts'
import type { StackOptions } from './options.ts'
import { stackPhase } from './phase.ts'
import { PreflightError } from './preflight.ts'

export interface Seen extends Pick<StackOptions, 'runtime' | 'choice' | 'externals'> {
  readonly keepers: readonly Keeper[]
  readonly memory: Remembered
  /** Phase of a start or stop under way; null when there is none. */
  readonly flow: StackPhase | null
  /** Why the last start, or looking for what runs, came to nothing; null when it did not. */
  readonly fault: unknown
  readonly steps: StackSnapshot['steps']
}

export function stackSnapshot({ keepers, memory, flow, fault, steps, ...stack }: Seen): StackSnapshot {
  const services = keepers.map((keeper) => keeper.snapshot())
  const { startedAt, readyAfterMs } = memory
  const failure = fault === null ? null : messageOf(fault)
  const faults = fault instanceof PreflightError ? fault.faults : []
  const { phase, reason } = stackPhase({
    ...{ flow, failure, faults, services },
    away: stack.runtime.away ?? null,
    wanted: withUsed(memory.wanted, stack.externals ?? []),
    wasReady: readyAfterMs !== null,
  })
  return { phase, reason, runtime: stack.choice ?? null, startedAt, readyAfterMs, services, steps, faults }
}
