/**
 * The stack: all services together. Takes definitions from the engines and a runtime to run them; brings them up, provisioned and
 * working, keeps them so, and takes them down in order. What was meant to run is kept in AVIARY_HOME for the next console.
 */
import type { Logger } from 'pino'
import type { Config } from '#lib/config.ts'
import type { Engine } from '#lib/engines/engine.ts'
import type { PreflightFault, StackSnapshot } from '#lib/pipeline/snapshot.ts'
import type { EngineId, ServiceId } from '#lib/pipeline/stages.ts'
import type { ServiceDefinition } from '#lib/runtime/definition.ts'
import type { Runtime } from '#lib/runtime/runtime.ts'
import { bringUp, type UpPhase } from './bring-up.ts'
import { messageOf, ServiceKeeper } from './keeper.ts'
import { nothingWanted, type Remembered, StackMemory } from './memory.ts'
import { inStopOrder, withNeeds } from './order.ts'
import { stackPhase } from './phase.ts'
import { PreflightError } from './preflight.ts'
import { Steps } from './steps.ts'
import { Watchdog } from './watchdog.ts'

export { PreflightError, preflight } from './preflight.ts'

/** Changes within so many ms are told together. */
const tellAfterMs = 50

export interface StackOptions {
  readonly config: Config
  readonly runtime: Runtime
  readonly services: readonly ServiceDefinition[]
  readonly engines: Readonly<Record<EngineId, Engine>>
  readonly log: Logger
}

interface Flow {
  readonly kind: 'up' | 'down'
  readonly services: readonly ServiceDefinition[]
  readonly controller: AbortController
  readonly done: Promise<void>
}

/** A smaller start gives way to a larger one, which whoever asked for it then waits for. */
const superseded = new Error('A larger start has taken over.')

export class Stack {
  readonly #options: StackOptions
  readonly #keepers: ReadonlyMap<ServiceId, ServiceKeeper>
  readonly #memory: StackMemory
  readonly #steps = new Steps(() => this.#changed())
  readonly #listeners = new Set<(snapshot: StackSnapshot) => void>()
  readonly #closed = new AbortController()
  readonly #watchdog: Watchdog
  readonly #offExit: () => void
  #remembered: Remembered = nothingWanted
  #flow: Flow | null = null
  /** How far an `up` under way is. */
  #upPhase: UpPhase = 'preparing'
  #failure: string | null = null
  #faults: readonly PreflightFault[] = []
  #telling: NodeJS.Timeout | null = null

  constructor(options: StackOptions) {
    const { config, runtime, services, engines, log } = options
    this.#options = options
    this.#memory = new StackMemory(config.homeDir)
    const keeperOf = (definition: ServiceDefinition) => {
      const ports = definition.ports.map((name) => ({ name, port: config.ports[name] }))
      return new ServiceKeeper({ definition, runtime, ports, log, onChange: () => this.#changed() })
    }
    this.#keepers = new Map(services.map((definition) => [definition.id, keeperOf(definition)]))
    this.#offExit = runtime.onExit((instance) => void this.#keepers.get(instance.service)?.noteExit(instance))
    this.#watchdog = new Watchdog({ keepers: [...this.#keepers.values()], engines: Object.values(engines), log })
  }

  snapshot(): StackSnapshot {
    const services = [...this.#keepers.values()].map((keeper) => keeper.snapshot())
    const { wanted, startedAt, readyAfterMs } = this.#remembered
    const flow = this.#flow === null ? null : this.#flow.kind === 'down' ? 'stopping' : this.#upPhase
    const state = stackPhase({ flow, failure: this.#failure, wanted, wasReady: readyAfterMs !== null, services })
    return { ...state, services, steps: this.#steps.list(), faults: this.#faults, startedAt, readyAfterMs }
  }

  /** Called at most 20 times a second. Returns the unsubscribe. */
  onChange(listener: (snapshot: StackSnapshot) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Goes on where an earlier console left off: watches what runs, starts what was meant to run and does not, finishes a stop. Returns once it has looked; what must be started goes on in the background.
   */
  async adopt(): Promise<void> {
    this.#remembered = await this.#memory.read()
    const found = await this.#options.runtime.inspect()
    const running = this.#options.services.map(({ id }) => id).filter((id) => found.get(id)?.state === 'running')
    for (const id of running) this.#keeper(id).start([])
    if (this.#remembered.stopping) return this.#background('stopping what was being stopped', this.down())
    const { readyAfterMs } = this.#remembered
    const wanted = [...new Set([...this.#remembered.wanted, ...running])]
    await this.#remember({ wanted })
    if (wanted.length > 0 && (readyAfterMs === null || wanted.length > running.length))
      this.#background('starting what was meant to run', this.up({ only: wanted }))
    this.#changed()
  }

  /**
   * Resolves when everything asked for is ready, provisioned and working. Rejects with PreflightError, ArtifactError, EngineError or the
   * fault of a service; services that run by then go on. While the same is under way, joins it.
   */
  async up({ only }: { readonly only?: readonly ServiceId[] } = {}): Promise<void> {
    const asked = withNeeds(only ?? [...this.#keepers.keys()], this.#options.services)
    const before = this.#flow?.kind === 'up' ? this.#flow : null
    const joins = before !== null && asked.every((service) => before.services.includes(service))
    const ids = [...asked, ...(before?.services ?? [])].map(({ id }) => id)
    const services = withNeeds(ids, this.#options.services)
    const flow = joins ? before : this.#begin('up', services, superseded, (signal) => this.#bringUp(services, signal))
    try {
      await flow.done
    } catch (error) {
      if (error !== superseded) throw error
      await this.up({ only: asked.map(({ id }) => id) })
    }
  }

  /** Stops everything; an `up` under way is given up and rejects. `purge` deletes the services' data too. Idempotent. */
  async down({ purge = false }: { readonly purge?: boolean } = {}): Promise<void> {
    const joins = this.#flow?.kind === 'down' && !purge
    const stopping = new Error('The stack is being stopped.')
    const flow = joins ? this.#flow : this.#begin('down', this.#options.services, stopping, () => this.#takeDown(purge))
    await flow?.done
  }

  startService(id: ServiceId): Promise<void> {
    return this.up({ only: [id] })
  }

  /** Stops this one, whatever depends on it. */
  async stopService(id: ServiceId): Promise<void> {
    await this.#remember({ wanted: this.#remembered.wanted.filter((other) => other !== id) })
    await this.#keeper(id).stop(this.#closed.signal)
  }

  async restartService(id: ServiceId): Promise<void> {
    await this.#keeper(id).stop(this.#closed.signal)
    await this.startService(id)
  }

  /** Ends watching; services go on. */
  async close(): Promise<void> {
    this.#closed.abort(new Error('The console is being closed.'))
    this.#watchdog.close()
    if (this.#telling !== null) clearTimeout(this.#telling)
    this.#offExit()
    this.#listeners.clear()
    for (const keeper of this.#keepers.values()) keeper.close()
    await this.#flow?.done.catch(() => {})
  }

  #keeper(id: ServiceId): ServiceKeeper {
    const keeper = this.#keepers.get(id)
    if (keeper === undefined) throw new Error(`There is no service ${id}`)
    return keeper
  }

  /** One flow at a time: a start under way is ended with the reason, a stop under way is waited for. */
  #begin(
    kind: Flow['kind'],
    services: readonly ServiceDefinition[],
    reason: Error,
    work: (signal: AbortSignal) => Promise<void>,
  ): Flow {
    const before = this.#flow
    if (before?.kind === 'up') before.controller.abort(reason)
    const controller = new AbortController()
    const done = (before?.done ?? Promise.resolve())
      .catch(() => {})
      .then(() => work(AbortSignal.any([controller.signal, this.#closed.signal])))
      .finally(() => {
        // Whatever a failed start was still waiting for.
        controller.abort(new Error('It has ended.'))
        if (this.#flow === flow) this.#flow = null
        this.#changed()
      })
    done.catch(() => {})
    const flow = { kind, services, controller, done }
    this.#flow = flow
    this.#upPhase = 'preparing'
    this.#changed()
    return flow
  }

  async #bringUp(services: readonly ServiceDefinition[], signal: AbortSignal): Promise<void> {
    this.#failure = null
    this.#faults = []
    const allReady = services.every(({ id }) => this.#keeper(id).phase === 'ready')
    const fresh = this.#remembered.readyAfterMs === null || this.#remembered.wanted.length === 0
    const startedAt = Date.now()
    try {
      signal.throwIfAborted()
      await bringUp({
        ...this.#options,
        services,
        keepers: this.#keepers,
        steps: this.#steps,
        signal,
        onPhase: (phase) => {
          this.#upPhase = phase
          this.#changed()
        },
        beforeStart: () => {
          const wanted = [...new Set([...this.#remembered.wanted, ...services.map(({ id }) => id)])]
          return this.#remember(fresh && !allReady ? { wanted, startedAt, readyAfterMs: null } : { wanted })
        },
      })
      if (this.#remembered.readyAfterMs === null) await this.#remember({ readyAfterMs: Date.now() - startedAt })
    } catch (error) {
      if (error instanceof PreflightError) this.#faults = error.faults
      if (!signal.aborted) this.#failure = messageOf(error)
      this.#steps.failOpen(messageOf(error))
      throw signal.aborted ? signal.reason : error
    }
  }

  async #takeDown(purge: boolean): Promise<void> {
    this.#failure = null
    this.#faults = []
    this.#steps.clear()
    await this.#remember({ stopping: true })
    await inStopOrder(this.#options.services, ({ id }) => this.#keeper(id).stop(this.#closed.signal))
    if (purge) for (const { id } of this.#options.services) await this.#options.runtime.purge(id)
    await this.#remember(nothingWanted)
  }

  async #remember(changes: Partial<Remembered>): Promise<void> {
    this.#remembered = { ...this.#remembered, ...changes }
    await this.#memory.write(this.#remembered)
  }

  #background(what: string, work: Promise<void>): void {
    work.catch((error: unknown) => this.#options.log.error({ err: error }, `${what} failed`))
  }

  #changed(): void {
    if (this.#listeners.size === 0 || this.#telling !== null || this.#closed.signal.aborted) return
    this.#telling = setTimeout(() => {
      this.#telling = null
      const snapshot = this.snapshot()
      for (const listener of this.#listeners) listener(snapshot)
    }, tellAfterMs)
  }
}
