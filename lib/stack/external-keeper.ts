/** Stands where a service's keeper stands, for an engine that Aviary does not run: asks whether it answers, and no more. */
import { setTimeout as delay } from 'node:timers/promises'
import type { PreflightFault, ServicePhase, ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { observe, type Status } from '#lib/pipeline/status.ts'
import { Problem } from '#lib/problem.ts'
import type { ExternalService } from '#lib/runtime/definition.ts'
import type { Instance } from '#lib/runtime/runtime.ts'
import type { Keeper } from './keeper-options.ts'
import type { StackOptions } from './options.ts'
import { ReadinessProbe } from './readiness.ts'

const askEveryMs = 500

export class ExternalKeeper implements Keeper {
  readonly definition: ExternalService
  readonly #probe: ReadinessProbe
  readonly #onChange: () => void
  #phase: ServicePhase = 'waiting'
  #status: Status = observe(null, 'unknown', 'It has not been asked yet.', Date.now())

  constructor(definition: ExternalService, onChange: () => void) {
    this.definition = definition
    this.#probe = new ReadinessProbe(definition)
    this.#onChange = onChange
  }

  get id(): ServiceId {
    return this.definition.id
  }

  get phase(): ServicePhase {
    return this.#phase
  }

  get reason(): string | null {
    return this.#status.reason
  }

  get isUp(): boolean {
    return this.#status.state === 'up'
  }

  /** There is nothing to start: it is only asked at once. */
  start(): void {
    void this.answers()
  }

  /** Waits as long as it takes: it may be anybody's to start. */
  async whenReady(signal: AbortSignal): Promise<void> {
    while (!(await this.answers())) await delay(askEveryMs, undefined, { signal })
    signal.throwIfAborted()
  }

  async stop(): Promise<void> {
    throw notOurs(this.definition)
  }

  async noteExit(): Promise<void> {}

  async check(): Promise<void> {
    await this.answers()
  }

  async answers(): Promise<boolean> {
    const { ready, waitsFor } = await this.#probe.ask()
    this.#phase = ready ? 'ready' : 'failed'
    this.#status = observe(this.#status, ready ? 'up' : 'down', ready ? null : `${waitsFor}.`, Date.now())
    this.#onChange()
    return ready
  }

  async measure(): Promise<void> {}

  async update(): Promise<boolean> {
    throw notOurs(this.definition)
  }

  snapshot(): ServiceSnapshot {
    const { id, engine, address, users } = this.definition
    return {
      ...{ id, engine, address, runtime: 'external', version: '', artifacts: [], image: null, ports: [] },
      ...{ phase: this.#phase, status: this.#status, waitsFor: null, probe: this.#probe.last },
      ...{ needs: [], dependents: users },
      ...{ handle: null, startedAt: null, restarts: 0, restartsSince: null, restartAt: null, exit: null, lastLog: [] },
      ...{ cpuPercent: null, rssBytes: null, replicas: null },
    }
  }

  close(): void {}
}

const notOurs = ({ id, address }: Pick<ExternalService, 'id' | 'address'>): Problem =>
  new Problem(409, `Aviary does not run ${id}: it is at ${address}`, {
    hint: 'Start, stop and look into it where it runs; settings.json has its address.',
  })

/** Throws Problem 409 for one that runs elsewhere. */
export function requireOwn(ids: readonly ServiceId[], externals: readonly ExternalService[]): void {
  for (const id of ids) {
    const foreign = externals.find(({ insteadOf }) => insteadOf.includes(id))
    if (foreign !== undefined) throw notOurs({ id, address: foreign.address })
  }
}

/** Services of ours that run on although their engine is to be elsewhere: they have no definition, so that nothing could stop them. */
export const leftRunning = (
  externals: readonly ExternalService[],
  found: ReadonlyMap<ServiceId, Instance>,
): PreflightFault[] =>
  externals.flatMap(({ engine, address, insteadOf }) => {
    const running = insteadOf.filter((id) => found.get(id)?.state === 'running')
    if (running.length === 0) return []
    return {
      subject: running.join(', '),
      problem: `settings.json says that it is at ${address}, and yet one of ours runs.`,
      remedy: `Take external.${engine} out of settings.json, start the console again, stop the stack, and put it back.`,
    }
  })

/** Of what runs elsewhere too: data may be left from a time when that was ours. */
export const everOurs = ({ services, externals = [] }: Pick<StackOptions, 'services' | 'externals'>): ServiceId[] => [
  ...services.map(({ id }) => id),
  ...externals.flatMap(({ insteadOf }) => insteadOf),
]

/** Those that these services need. */
export const usedBy = (ids: readonly ServiceId[], externals: readonly ExternalService[]): ExternalService[] =>
  externals.filter(({ users }) => users.some((id) => ids.includes(id)))

export const withUsed = (ids: readonly ServiceId[], externals: readonly ExternalService[]): ServiceId[] => [
  ...ids,
  ...usedBy(ids, externals).map(({ id }) => id),
]
