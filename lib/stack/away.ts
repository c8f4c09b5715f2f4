/** While what services run on does not answer, nothing is known of them, and none can be started. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Runtime } from '#lib/runtime/runtime.ts'

const lookEveryMs = 500

/** What a service says of itself meanwhile, and after that. */
export const awayWords = {
  waitsFor: 'the Docker engine to answer',
  whenBack: 'It is started again when the Docker engine answers.',
  notKnown: 'Whether it runs is not known while the Docker engine does not answer.',
  ended: 'It ended with the Docker engine',
} as const

export const isAway = ({ away = null }: Runtime): boolean => away !== null

/** Resolves when it answers: to false when it did at once, to true when `onAway` was told. Rejects when `signal` aborts. */
export async function untilBack(runtime: Runtime, onAway: () => void, signal: AbortSignal): Promise<boolean> {
  for (let waited = false; ; waited = true) {
    signal.throwIfAborted()
    if (!isAway(runtime)) return waited
    if (!waited) onAway()
    await delay(lookEveryMs, undefined, { signal })
  }
}
