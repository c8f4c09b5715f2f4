/** What a stack is made of. */
import type { Logger } from 'pino'
import type { Config } from '#lib/config.ts'
import type { Engine } from '#lib/engines/engine.ts'
import type { RuntimeChoice } from '#lib/pipeline/snapshot.ts'
import type { EngineId } from '#lib/pipeline/stages.ts'
import type { ExternalService, ServiceDefinition } from '#lib/runtime/definition.ts'
import type { Runtime } from '#lib/runtime/runtime.ts'

export interface StackOptions {
  readonly config: Config
  readonly runtime: Runtime
  /** Why that runtime, for people. */
  readonly choice?: RuntimeChoice
  readonly services: readonly ServiceDefinition[]
  /** What runs elsewhere; none when left out. */
  readonly externals?: readonly ExternalService[]
  readonly engines: Readonly<Record<EngineId, Engine>>
  readonly log: Logger
}
