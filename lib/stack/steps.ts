/** The steps of bringing the stack up besides services: fetching artifacts, building images, provisioning engines, waiting until each is up. */
import type { ArtifactProgress } from '#lib/artifacts/index.ts'
import type { StackStep, StackStepKind } from '#lib/pipeline/snapshot.ts'
import type { PrepareProgress } from '#lib/runtime/runtime.ts'

export class Steps {
  readonly #steps = new Map<string, StackStep>()
  readonly #onChange: () => void

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  list(): StackStep[] {
    return [...this.#steps.values()]
  }

  clear(): void {
    this.#steps.clear()
    this.#onChange()
  }

  plan(kind: StackStepKind, of: string): void {
    this.#put({ ...blank, id: stepId(kind, of), kind, of, state: 'pending' })
  }

  note(kind: StackStepKind, of: string, changes: Partial<Omit<StackStep, 'id' | 'kind' | 'of'>>): void {
    const id = stepId(kind, of)
    this.#put({ ...(this.#steps.get(id) ?? { ...blank, id, kind, of, state: 'running' }), ...changes })
  }

  noteArtifact({ artifact, phase, file, doneBytes, totalBytes, remainingSeconds }: ArtifactProgress): void {
    this.note('fetch', artifact, {
      state: phase === 'ready' ? 'done' : 'running',
      detail: phase === 'ready' ? null : [phase, file].filter(Boolean).join(' '),
      doneBytes,
      totalBytes: totalBytes === 0 ? null : totalBytes,
      remainingSeconds,
    })
  }

  notePreparation({ of, ...progress }: PrepareProgress): void {
    this.note('build', of, progress)
  }

  /** Everything still under way has failed, for one reason. */
  failOpen(reason: string): void {
    for (const step of this.list())
      if (step.state === 'running') this.#put({ ...step, state: 'failed', detail: reason })
  }

  #put(step: StackStep): void {
    this.#steps.set(step.id, step)
    this.#onChange()
  }
}

const blank = { detail: null, doneBytes: null, totalBytes: null, remainingSeconds: null }

const stepId = (kind: StackStepKind, of: string): string => `${kind} ${of}`
