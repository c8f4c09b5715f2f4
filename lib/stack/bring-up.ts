/** The way up: look for faults, fetch artifacts, start services, provision engines, wait until each works. */
import { ensureArtifacts } from '#lib/artifacts/index.ts'
import type { Config } from '#lib/config.ts'
import type { Engine } from '#lib/engines/engine.ts'
import { type EngineId, engineIds, type ServiceId } from '#lib/pipeline/stages.ts'
import type { ExternalService, ServiceDefinition } from '#lib/runtime/definition.ts'
import type { Runtime } from '#lib/runtime/runtime.ts'
import { isAway, untilBack } from './away.ts'
import { usedBy } from './external-keeper.ts'
import { otherKafka } from './kafka-before.ts'
import type { Keeper } from './keeper-options.ts'
import type { Remembered } from './memory.ts'
import { PreflightError, preflight } from './preflight.ts'
import { planProvisioning, provision, waitUntilUp } from './provisioning.ts'
import type { Steps } from './steps.ts'

export type UpPhase = 'preparing' | 'starting' | 'provisioning'

export interface BringUp {
  readonly config: Config
  readonly runtime: Runtime
  readonly engines: Readonly<Record<EngineId, Engine>>
  /** What to bring up. */
  readonly services: readonly ServiceDefinition[]
  /** What runs elsewhere. */
  readonly externals: readonly ExternalService[]
  /** As it was remembered before this start. */
  readonly before: Remembered
  readonly keepers: ReadonlyMap<ServiceId, Keeper>
  readonly steps: Steps
  readonly signal: AbortSignal
  readonly onPhase: (phase: UpPhase) => void
  /** The last thing before the first service is started. */
  readonly beforeStart: () => Promise<void>
}

export async function bringUp(asked: BringUp): Promise<void> {
  const { services, steps, signal, onPhase, keepers } = asked
  const wanted = services.map(({ id }) => id)
  const way = { ...asked, externals: usedBy(wanted, asked.externals) }
  onPhase('preparing')
  steps.clear()
  const faults = [...otherKafka(way.before, way.config), ...(await preflight(way))]
  signal.throwIfAborted()
  if (faults.length > 0) throw new PreflightError(faults)
  await fetchAndPrepare(way)
  await way.beforeStart()
  signal.throwIfAborted()

  onPhase('starting')
  const keepersOf = (ids: readonly ServiceId[]) => ids.flatMap((id) => keepers.get(id) ?? [])
  const ids = [...services, ...way.externals].map(({ id }) => id)
  const mine = keepersOf(ids)
  for (const keeper of mine) {
    const { startsAfter = [] } = keeper.definition
    keeper.start(keepersOf(startsAfter.filter((id) => ids.includes(id))))
  }
  const engines = enginesOf(way)
  planProvisioning(engines, steps)
  const whenReady = async (engine: Engine) => {
    const own = [...keepers.values()].filter(({ definition }) => definition.engine === engine.id)
    await Promise.all(own.map((keeper) => keeper.whenReady(signal)))
  }
  const provisioned = provision({ engines, steps, whenReady, signal })
  await Promise.all([
    provisioned,
    Promise.all(mine.map((keeper) => keeper.whenReady(signal))).then(() => onPhase('provisioning')),
  ])
  await Promise.all(engines.map((engine) => waitUntilUp(engine, steps, signal)))
}

/** Engines of which a service is brought up, and all others run or are brought up too; in the order of the line. */
function enginesOf({ engines, services, externals, keepers }: BringUp): Engine[] {
  const mine = new Set([...services, ...externals].map(({ id }) => id))
  return engineIds
    .filter((id) => {
      const own = [...keepers.values()].filter(({ definition }) => definition.engine === id)
      return (
        own.some(({ definition }) => mine.has(definition.id)) &&
        own.every(({ definition, phase }) => mine.has(definition.id) || phase === 'ready')
      )
    })
    .map((id) => engines[id])
}

/** What the services are made of, then what they run from. */
async function fetchAndPrepare(asked: BringUp): Promise<void> {
  const { config, runtime, services, steps, signal } = asked
  const missing = await runtime.missingArtifacts(services)
  for (const id of missing) steps.plan('fetch', id)
  const onProgress = steps.noteArtifact.bind(steps)
  if (missing.length > 0) await ensureArtifacts(missing, { cacheDir: config.cacheDir, onProgress, signal })
  while (!(await preparedOrAway(asked))) await untilBack(runtime, () => {}, signal)
}

/** False when what it is prepared on has gone away meanwhile: what has been made by then stays, and the rest is made when it is back. */
async function preparedOrAway({ runtime, services, steps, signal }: BringUp): Promise<boolean> {
  try {
    await runtime.prepare(services, (progress) => steps.notePreparation(progress), signal)
    return true
  } catch (error) {
    // What cuts a build short does not tell whether the engine has gone: the next request does.
    await runtime.inspect().catch(() => {})
    if (signal.aborted || !isAway(runtime)) throw error
    return false
  }
}
