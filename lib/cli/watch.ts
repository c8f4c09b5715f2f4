/** Follows the stack on its way up or down, and tells each change once. */

import { setTimeout as pause } from 'node:timers/promises'
import type { Overview, ServiceSnapshot, StackSnapshot, StackStep } from '#lib/pipeline/snapshot.ts'
import { age, megabytes, tell } from './output.ts'

const pollMs = 400
/** A download says how far it is this often at most. */
const progressMs = 3_000

const since = (start: number): string => `${((Date.now() - start) / 1000).toFixed(1).padStart(6)} s`

function serviceText({ phase, waitsFor, exit, restartAt, status }: ServiceSnapshot): string {
  if (phase === 'failed' || (phase === 'waiting' && exit !== null)) {
    const how = exit === null ? (status.reason ?? 'failed') : `ended with ${exit.signal ?? exit.code ?? 'no record'}`
    return `${phase}: ${how}${restartAt === null ? '' : ', will be restarted'}`
  }
  return waitsFor === null ? phase : `${phase}: ${waitsFor}`
}

function stepText({ state, detail, doneBytes, totalBytes, remainingSeconds }: StackStep): string {
  if (state !== 'running') return detail === null ? state : `${state}: ${detail}`
  const of = totalBytes === null ? '' : ` of ${megabytes(totalBytes)}`
  const size = totalBytes === 0 || doneBytes === null ? '' : megabytes(doneBytes) + of
  const left = remainingSeconds === null ? '' : `${age(remainingSeconds * 1000)} left`
  return ['running', detail ?? '', size, left].filter(Boolean).join(', ')
}

export class StackTeller {
  readonly #start = Date.now()
  readonly #told = new Map<string, { text: string; at: number }>()

  /** Tells what has changed since the last call. */
  tell(stack: Pick<StackSnapshot, 'steps' | 'services'>): void {
    for (const step of stack.steps) this.#once(`${step.kind} ${step.of}`, stepText(step), step.state === 'running')
    for (const service of stack.services) this.#once(service.id, serviceText(service), false)
  }

  #once(subject: string, text: string, running: boolean): void {
    const last = this.#told.get(subject)
    const quiet = ['stopped', 'pending'].includes(text) && last === undefined
    const tooSoon = running && last?.text.startsWith('running') && Date.now() - last.at < progressMs
    if (last?.text === text || quiet || tooSoon) return
    this.#told.set(subject, { text, at: Date.now() })
    tell(`${since(this.#start)}  ${subject.padEnd(20)}  ${text}`)
  }
}

/** Asks until `done` says so, telling changes on the way. Rejects when `signal` aborts. */
export async function followStack(
  status: () => Promise<Overview>,
  done: (stack: StackSnapshot) => boolean,
  signal?: AbortSignal,
): Promise<StackSnapshot> {
  const teller = new StackTeller()
  for (;;) {
    signal?.throwIfAborted()
    const { stack } = await status()
    teller.tell(stack)
    if (done(stack)) return stack
    await pause(pollMs, undefined, { signal })
  }
}
