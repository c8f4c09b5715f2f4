/**
 * The stack: all services together. Takes definitions from the engines and a runtime to run them; brings them up, provisioned and
 * working, keeps them so, and takes them down in order. What was meant to run is kept in AVIARY_HOME for the next console.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Config } from '#lib/config.ts'
import type { Engine } from '#lib/engines/engine.ts'
import type { PreflightFault, RuntimeChoice, StackSnapshot } from '#lib/pipeline/snapshot.ts'
import type { EngineId, ServiceId } from '#lib/pipeline/stages.ts'
import type { ServiceDefinition } from '#lib/runtime/definition.ts'
import type { Runtime } from '#lib/runtime/runtime.ts'
import { bringUp, type UpPhase } from './bring-up.ts'
import { type Flow, Flows } from './flow.ts'
import { messageOf, ServiceKeeper } from './keeper.ts'
import { nothingWanted, type Remembered, StackMemory } from './memory.ts'
import { inStopOrder, stopsAfter, withNeeds } from './order.ts'
import { stackPhase } from './phase.ts'
import { PreflightError } from './preflight.ts'
import { Steps } from './steps.ts'
import { Teller } from './teller.ts'
import { Watchdog } from './watchdog.ts'

export { PreflightError, preflight } from './preflight.ts'

/** How often a runtime that cannot be looked at is asked again. */
const lookEveryMs = 3_000

export interface StackOptions {
  readonly config: Config
  readonly runtime: Runtime
  /** Why that runtime, for people. */
  readonly choice?: RuntimeChoice
  readonly services: readonly ServiceDefinition[]
  readonly engines: Readonly<Record<EngineId, Engine>>
  readonly log: Logger
}

/** A smaller start gives way to a larger one, which whoever asked for it then waits for. */
const superseded = new Error('A larger start has taken over.')

export class Stack {
  readonly #options: StackOptions
  readonly #keepers: ReadonlyMap<ServiceId, ServiceKeeper>
  readonly #memory: StackMemory
  readonly #steps = new Steps(() => this.#changed())
  readonly #teller = new Teller(() => this.snapshot())
  readonly #closed = new AbortController()
  readonly #flows = new Flows(this.#closed.signal, () => this.#changed())
  readonly #watchdog: Watchdog
  readonly #offExit: () => void
  #remembered: Remembered = nothingWanted
  /** How far an `up` under way is. */
  #upPhase: UpPhase = 'preparing'
  #failure: string | null = null
  #faults: readonly PreflightFault[] = []

  constructor(options: StackOptions) {
    const { config, runtime, services, engines, log } = options
    this.#options = options
    this.#memory = new StackMemory(config.homeDir)
    const keeperOf = (definition: ServiceDefinition) => {
      const ports = definition.ports.map((name) => ({ name, port: config.ports[name] }))
      const needs = () => definition.needs.map((id) => this.#keeper(id))
      const dependents = stopsAfter(definition, services)
      return new ServiceKeeper({ definition, runtime, ports, needs, dependents, log, onChange: () => this.#changed() })
    }
    this.#keepers = new Map(services.map((definition) => [definition.id, keeperOf(definition)]))
    this.#offExit = runtime.onExit((instance) => void this.#keepers.get(instance.service)?.noteExit(instance))
    this.#watchdog = new Watchdog({ keepers: [...this.#keepers.values()], engines: Object.values(engines), log })
  }

  snapshot(): StackSnapshot {
    const services = [...this.#keepers.values()].map((keeper) => keeper.snapshot())
    const { wanted, startedAt, readyAfterMs } = this.#remembered
    const flow = this.#flows.current === null ? null : this.#flows.current.kind === 'down' ? 'stopping' : this.#upPhase
    const state = stackPhase({ flow, failure: this.#failure, wanted, wasReady: readyAfterMs !== null, services })
    return {
      ...state,
      runtime: this.#options.choice ?? null,
      services,
      steps: this.#steps.list(),
      faults: this.#faults,
      startedAt,
      readyAfterMs,
    }
  }

  /** Called at most 20 times a second. Returns the unsubscribe. */
  onChange(listener: (snapshot: StackSnapshot) => void): () => void {
    return this.#teller.onChange(listener)
  }

  /** Goes on where an earlier console left off: watches what runs, finishes a stop, starts in the background what was meant to run. */
  async adopt(): Promise<void> {
    this.#remembered = await this.#memory.read()
    try {
      await this.#adopt()
    } catch (error) {
      // An engine that is away: the console is there all the same, says so, and goes on when it is back.
      this.#failure = messageOf(error)
      const again = delay(lookEveryMs, undefined, { signal: this.#closed.signal, ref: false })
      again.then(() => (this.#flows.current === null ? this.adopt() : undefined)).catch(() => {})
    }
    this.#changed()
  }

  async #adopt(): Promise<void> {
    const found = await this.#options.runtime.inspect()
    this.#failure = null
    const running = this.#options.services.map(({ id }) => id).filter((id) => found.get(id)?.state === 'running')
    for (const id of running) this.#keeper(id).start([])
    if (this.#remembered.stopping) return this.#background('stopping what was being stopped', this.down())
    const { readyAfterMs } = this.#remembered
    const wanted = [...new Set([...this.#remembered.wanted, ...running])]
    await this.#remember({ wanted })
    if (wanted.length > 0 && (readyAfterMs === null || wanted.length > running.length))
      this.#background('starting what was meant to run', this.up({ only: wanted }))
  }

  /**
   * Resolves when everything asked for is ready, provisioned and working. Rejects with PreflightError, ArtifactError, EngineError or the
   * fault of a service; services that run by then go on. While the same is under way, joins it.
   */
  async up({ only }: { readonly only?: readonly ServiceId[] } = {}): Promise<void> {
    const asked = withNeeds(only ?? [...this.#keepers.keys()], this.#options.services)
    const before = this.#flows.current?.kind === 'up' ? this.#flows.current : null
    const joins = before !== null && asked.every((service) => before.services.includes(service))
    const ids = [...asked, ...(before?.services ?? [])].map(({ id }) => id)
    const services = withNeeds(ids, this.#options.services)
    const flow = joins ? before : this.#beginUp(services)
    try {
      await flow.done
    } catch (error) {
      if (error !== superseded) throw error
      await this.up({ only: asked.map(({ id }) => id) })
    }
  }

  /** Stops everything; an `up` under way is given up and rejects. `purge` deletes the services' data too. Idempotent. */
  async down({ purge = false }: { readonly purge?: boolean } = {}): Promise<void> {
    const joins = this.#flows.current?.kind === 'down' && !purge
    const stopping = new Error('The stack is being stopped.')
    const flow = joins
      ? this.#flows.current
      : this.#flows.begin({
          kind: 'down',
          services: this.#options.services,
          reason: stopping,
          work: () => this.#takeDown(purge),
        })
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
    this.#offExit()
    this.#teller.close()
    for (const keeper of this.#keepers.values()) keeper.close()
    await this.#flows.current?.done.catch(() => {})
  }

  #keeper(id: ServiceId): ServiceKeeper {
    const keeper = this.#keepers.get(id)
    if (keeper === undefined) throw new Error(`There is no service ${id}`)
    return keeper
  }

  #beginUp(services: readonly ServiceDefinition[]): Flow {
    this.#upPhase = 'preparing'
    const work = (signal: AbortSignal) => this.#bringUp(services, signal)
    return this.#flows.begin({ kind: 'up', services, reason: superseded, work })
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
          const known = { wanted, runtime: this.#options.runtime.kind }
          return this.#remember(fresh && !allReady ? { ...known, startedAt, readyAfterMs: null } : known)
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
    // Its data stays with the runtime that has written it.
    await this.#remember({ ...nothingWanted, runtime: purge ? null : this.#remembered.runtime })
  }

  async #remember(changes: Partial<Remembered>): Promise<void> {
    this.#remembered = { ...this.#remembered, ...changes }
    await this.#memory.write(this.#remembered)
  }

  #background(what: string, work: Promise<void>): void {
    work.catch((error: unknown) => this.#options.log.error({ err: error }, `${what} failed`))
  }

  #changed(): void {
    this.#teller.changed()
  }
}
