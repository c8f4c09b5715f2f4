/** Makes each engine hold what the pipeline needs, then waits until each says that it works. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Engine } from '#lib/engines/engine.ts'
import { EngineError } from '#lib/engines/errors.ts'
import type { EngineId } from '#lib/pipeline/stages.ts'
import { messageOf } from './last-words.ts'
import type { Steps } from './steps.ts'

const retryEveryMs = 500
const probeEveryMs = 500
const askWithinMs = 30_000
const probeWithinMs = 5_000

export function planProvisioning(engines: readonly Engine[], steps: Steps): void {
  for (const engine of engines) steps.plan('provision', engine.id)
  for (const engine of engines) steps.plan('works', engine.id)
}

export interface Provisioning {
  readonly engines: readonly Engine[]
  readonly steps: Steps
  /** Resolves when the services of the engine are ready. */
  readonly whenReady: (engine: Engine) => Promise<void>
  readonly signal: AbortSignal
}

/** They stand beside the line: what they hold needs nothing of what others do. */
const beside: readonly EngineId[] = ['hive', 'superset']

/** Along the line one after another, beside it at once. Tries again as long as the same may succeed later; throws EngineError when it cannot. */
export async function provision(way: Provisioning): Promise<void> {
  const line = way.engines.filter(({ id }) => !beside.includes(id))
  const others = way.engines.filter(({ id }) => beside.includes(id))
  await Promise.all([line, ...others.map((engine) => [engine])].map((engines) => inOrder({ ...way, engines })))
}

async function inOrder({ engines, steps, whenReady, signal }: Provisioning): Promise<void> {
  for (const engine of engines) {
    await whenReady(engine)
    const changes = await retried(engine, steps, signal)
    const detail = changes.map((change) => `${change.subject} ${change.action}`).join(', ') || null
    steps.note('provision', engine.id, { state: 'done', detail })
  }
}

async function retried(engine: Engine, steps: Steps, signal: AbortSignal) {
  for (;;) {
    steps.note('provision', engine.id, { state: 'running' })
    const timeout = AbortSignal.timeout(askWithinMs)
    try {
      return await engine.provision(AbortSignal.any([signal, timeout]))
    } catch (error) {
      signal.throwIfAborted()
      const again = timeout.aborted || (error instanceof EngineError && error.retry)
      steps.note('provision', engine.id, { state: again ? 'running' : 'failed', detail: messageOf(error) })
      if (!again) throw error
      await delay(retryEveryMs, undefined, { signal })
    }
  }
}

/**
 * Resolves when the engine's own probe says up: its connector's task runs, its supervisor has an active task; or when somebody
 * has paused it, which a start leaves as it is.
 */
export async function waitUntilUp(engine: Engine, steps: Steps, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { state, reason, held } = await engine.probe(AbortSignal.any([signal, AbortSignal.timeout(probeWithinMs)]))
    signal.throwIfAborted()
    steps.note('works', engine.id, {
      state: state === 'up' || held ? 'done' : 'running',
      detail: state === 'up' ? null : reason,
    })
    if (state === 'up' || held) return
    await delay(probeEveryMs, undefined, { signal })
  }
}
