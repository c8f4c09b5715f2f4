/** What a keeper of a service is made of, and what is asked of it. */
import type { Logger } from 'pino'
import type { ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { ServiceDefinition } from '#lib/runtime/definition.ts'
import type { Runtime } from '#lib/runtime/runtime.ts'
import type { ServiceKeeper } from './keeper.ts'

/** What the stack asks of a keeper, whoever runs the service. */
export type Keeper = Omit<Pick<ServiceKeeper, keyof ServiceKeeper>, 'definition'> & {
  readonly definition: Pick<ServiceDefinition, 'id' | 'engine' | 'startsAfter'>
}

export interface KeeperOptions {
  readonly definition: ServiceDefinition
  readonly runtime: Runtime
  readonly ports: ServiceSnapshot['ports']
  /** The services that this one cannot work without. */
  readonly needs: () => readonly Keeper[]
  readonly dependents: readonly ServiceId[]
  readonly log: Logger
  readonly onChange: () => void
}
