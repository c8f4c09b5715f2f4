/** The phase of the whole stack, from what is under way and how its services are. */
import type { PreflightFault, ServiceSnapshot, StackPhase } from '#lib/pipeline/snapshot.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'

export interface PhaseInput {
  /** Phase of a start or stop under way; null when there is none. */
  readonly flow: StackPhase | null
  /** Why the last start was refused or failed; null when it was not. */
  readonly failure: string | null
  /** Why the start was refused before anything was done; each has been told. */
  readonly faults: readonly PreflightFault[]
  /** Why what the services run on cannot be asked; null while it answers. */
  readonly away: string | null
  readonly wanted: readonly ServiceId[]
  /** Whether everything has been ready since it was last started. */
  readonly wasReady: boolean
  readonly services: readonly ServiceSnapshot[]
}

export function stackPhase({ flow, failure, faults, away, wanted, wasReady, services }: PhaseInput): {
  phase: StackPhase
  reason: string | null
} {
  // A stop ends with the engine and says so; what is being built or started waits for it.
  if (flow === 'stopping') return { phase: flow, reason: null }
  if (away !== null && faults.length === 0) return { phase: 'away', reason: away }
  if (flow !== null) return { phase: flow, reason: null }
  if (failure !== null) return { phase: 'failed', reason: failure }
  if (wanted.length === 0) return { phase: 'stopped', reason: null }
  const ailing = services.filter(({ id, status }) => wanted.includes(id) && status.state !== 'up')
  if (ailing.length === 0) return { phase: 'ready', reason: null }
  const reason = ailing.map(({ id, status }) => `${id}: ${status.reason}`).join(' ')
  return { phase: wasReady ? 'degraded' : 'starting', reason }
}
