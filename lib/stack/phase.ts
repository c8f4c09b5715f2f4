/** The phase of the whole stack, from what is under way and how its services are. */
import type { ServiceSnapshot, StackPhase } from '#lib/pipeline/snapshot.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'

export interface PhaseInput {
  /** Phase of a start or stop under way; null when there is none. */
  readonly flow: StackPhase | null
  /** Why the last start failed; null when it did not. */
  readonly failure: string | null
  readonly wanted: readonly ServiceId[]
  /** Whether everything has been ready since it was last started. */
  readonly wasReady: boolean
  readonly services: readonly ServiceSnapshot[]
}

export function stackPhase({ flow, failure, wanted, wasReady, services }: PhaseInput): {
  phase: StackPhase
  reason: string | null
} {
  if (flow !== null) return { phase: flow, reason: null }
  if (failure !== null) return { phase: 'failed', reason: failure }
  if (wanted.length === 0) return { phase: 'stopped', reason: null }
  const ailing = services.filter(({ id, status }) => wanted.includes(id) && status.state !== 'up')
  if (ailing.length === 0) return { phase: 'ready', reason: null }
  const reason = ailing.map(({ id, status }) => `${id}: ${status.reason}`).join(' ')
  return { phase: wasReady ? 'degraded' : 'starting', reason }
}
