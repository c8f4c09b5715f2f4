/** Asks services whether they are ready, and remembers what was asked and answered last. */
import { setTimeout as delay } from 'node:timers/promises'
import type { ProbeSnapshot } from '#lib/pipeline/snapshot.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { Readiness, ServiceDefinition } from '#lib/runtime/definition.ts'

const askWithinMs = 5_000
const needsEveryMs = 500

type Asked = Pick<ServiceDefinition, 'ready'>

export class ReadinessProbe {
  readonly #definition: Asked
  #last: ProbeSnapshot | null = null
  #forgotten = 0

  constructor(definition: Asked) {
    this.#definition = definition
  }

  get last(): ProbeSnapshot | null {
    return this.#last
  }

  /** Never throws, also when the signal aborts: then nothing is remembered. */
  async ask(signal?: AbortSignal): Promise<Readiness> {
    const late = AbortSignal.timeout(askWithinMs)
    const forgotten = this.#forgotten
    const found = await this.#definition.ready(signal === undefined ? late : AbortSignal.any([signal, late]))
    if (!signal?.aborted && forgotten === this.#forgotten)
      this.#last = { asked: found.asked, answer: found.answer, checkedAt: Date.now() }
    return found
  }

  /** What was asked of an instance that is no more says nothing about the next. */
  forget(): void {
    this.#forgotten++
    this.#last = null
  }
}

export interface Answering {
  readonly id: ServiceId
  /** Asked anew: one that has just died was ready at its last check. */
  answers(): Promise<boolean>
}

/** Resolves when all answer: to false when they did at once, to true when `onMissing` was told of one that did not. */
export async function untilAllAnswer(
  needs: readonly Answering[],
  onMissing: (id: ServiceId) => void,
  signal: AbortSignal,
): Promise<boolean> {
  for (let waited = false; ; waited = true) {
    const answers = await Promise.all(needs.map((need) => need.answers()))
    signal.throwIfAborted()
    const missing = needs[answers.indexOf(false)]
    if (missing === undefined) return waited
    onMissing(missing.id)
    await delay(needsEveryMs, undefined, { signal })
  }
}
