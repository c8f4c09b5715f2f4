/** How the phase of a service and of a step reads as a state with a shape. Pure. */
import type { ServicePhase, ServiceSnapshot, StackPhase } from '#lib/pipeline/snapshot.ts'
import type { State } from '#lib/pipeline/status.ts'

const phases: Readonly<Record<Exclude<ServicePhase, 'ready'>, State>> = {
  // Stopped on purpose is no fault.
  stopped: 'unknown',
  waiting: 'starting',
  starting: 'starting',
  stopping: 'starting',
  failed: 'down',
}

/** A service that has become ready is as well as its last check says; before that its phase says it all. */
export const serviceState = (service: Pick<ServiceSnapshot, 'phase' | 'status'>): State =>
  service.phase === 'ready' ? service.status.state : phases[service.phase]

/** Neither runs nor is on its way. */
export const isAtRest = (phase: ServicePhase): boolean => phase === 'stopped' || phase === 'failed'

/** On the way up: its steps are what matters now. */
export const isComingUp = (phase: StackPhase): boolean =>
  phase === 'preparing' || phase === 'starting' || phase === 'provisioning'

/** Nothing of the stack runs, so starting it is the next thing to do. */
export const isResting = (phase: StackPhase): boolean => phase === 'stopped' || phase === 'failed'
