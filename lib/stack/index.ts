/**
 * The stack: all services together. Takes definitions from the engines and a runtime to run them; brings them up, provisioned and
 * working, keeps them so, and takes them down in order. What was meant to run is kept in AVIARY_HOME for the next console.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { StackSnapshot } from '#lib/pipeline/snapshot.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { ServiceDefinition } from '#lib/runtime/definition.ts'
import { isAway } from './away.ts'
import { bringUp, type UpPhase } from './bring-up.ts'
import { everOurs, requireOwn } from './external-keeper.ts'
import { type Flow, Flows } from './flow.ts'
import { kafkaNow } from './kafka-before.ts'
import type { Keeper } from './keeper-options.ts'
import { makeKeepers } from './keepers.ts'
import { messageOf } from './last-words.ts'
import { nothingWanted, StackMemory } from './memory.ts'
import type { StackOptions } from './options.ts'
import { inStopOrder, withNeeds } from './order.ts'
import { inspectOwn } from './preflight.ts'
import { scaleService } from './replicas.ts'
import { stackSnapshot } from './snapshot.ts'
import { Steps } from './steps.ts'
import { Teller } from './teller.ts'
import { Watchdog } from './watchdog.ts'

/** How often a runtime that cannot be looked at is asked again. */
const lookEveryMs = 3_000

/** A smaller start gives way to a larger one, which whoever asked for it then waits for. */
const superseded = new Error('A larger start has taken over.')

export class Stack {
  readonly #options: Required<Omit<StackOptions, 'choice'>> & StackOptions
  readonly #keepers: ReadonlyMap<ServiceId, Keeper>
  readonly #memory: StackMemory
  readonly #steps = new Steps(() => this.#changed())
  readonly #teller = new Teller(() => this.snapshot())
  readonly #closed = new AbortController()
  readonly #flows = new Flows(this.#closed.signal, () => this.#changed())
  readonly #watchdog: Watchdog
  readonly #off: readonly (() => void)[]
  /** How far an `up` under way is. */
  #upPhase: UpPhase = 'preparing'
  /** Why the last start, or looking for what runs, came to nothing; null when it did not. */
  #fault: unknown = null

  constructor(options: StackOptions) {
    const { config, runtime, engines, log } = options
    this.#options = { externals: [], ...options }
    this.#memory = new StackMemory(config.homeDir)
    this.#keepers = makeKeepers(options, () => this.#changed())
    const offExit = runtime.onExit((instance) => void this.#keepers.get(instance.service)?.noteExit(instance))
    this.#off = [offExit, runtime.onAway?.(() => this.#changed()) ?? (() => {})]
    this.#watchdog = new Watchdog({ keepers: [...this.#keepers.values()], engines: Object.values(engines), log })
  }

  snapshot(): StackSnapshot {
    const { current } = this.#flows
    return stackSnapshot({
      ...{ ...this.#options, keepers: [...this.#keepers.values()], memory: this.#memory.current, fault: this.#fault },
      flow: current === null ? null : current.kind === 'down' ? 'stopping' : this.#upPhase,
      steps: this.#steps.list(),
    })
  }

  /** Called at most 20 times a second. Returns the unsubscribe. */
  readonly onChange = (listener: (snapshot: StackSnapshot) => void): (() => void) => this.#teller.onChange(listener)

  /** Goes on where an earlier console left off: watches what runs, finishes a stop, starts in the background what was meant to run. */
  async adopt(): Promise<void> {
    await this.#memory.read()
    for (const { id } of this.#options.externals) this.#keeper(id).start([])
    try {
      await this.#adopt()
    } catch (error) {
      // The console is there all the same, and says so.
      this.#fault = isAway(this.#options.runtime) ? null : error
      this.#adoptLater()
    }
    this.#changed()
  }

  #adoptLater(): void {
    const again = delay(lookEveryMs, undefined, { signal: this.#closed.signal, ref: false })
    again.then(() => (this.#flows.current === null ? this.adopt() : this.#adoptLater())).catch(() => {})
  }

  async #adopt(): Promise<void> {
    const found = await inspectOwn(this.#options)
    this.#fault = null
    const ids = this.#options.services.map(({ id }) => id)
    const running = ids.filter((id) => found.get(id)?.state === 'running')
    for (const id of running) this.#keeper(id).start([])
    if (this.#memory.current.stopping) return this.#background('stopping what was being stopped', this.down())
    const { readyAfterMs } = this.#memory.current
    const wanted = ids.filter((id) => running.includes(id) || this.#memory.current.wanted.includes(id))
    await this.#memory.change({ wanted })
    if (wanted.length > 0 && (readyAfterMs === null || wanted.length > running.length))
      this.#background('starting what was meant to run', this.up({ only: wanted }).catch(this.#whenBack))
  }

  /**
   * Resolves when everything asked for is ready, provisioned and working. Rejects with PreflightError, ArtifactError, EngineError or the
   * fault of a service; services that run by then go on. While the same is under way, joins it.
   */
  async up({ only }: { readonly only?: readonly ServiceId[] } = {}): Promise<void> {
    const asked = withNeeds(only ?? this.#options.services.map(({ id }) => id), this.#options.services)
    const before = this.#flows.current?.kind === 'up' ? this.#flows.current : null
    const joins = before !== null && asked.every((service) => before.services.includes(service))
    const ids = [...asked, ...(before?.services ?? []), ...this.#unfinished].map(({ id }) => id)
    const services = withNeeds(ids, this.#options.services)
    // One that was stopped since is started again by nobody else.
    const again = joins && this.#upPhase !== 'preparing' ? asked.map(({ id }) => this.#keeper(id)) : []
    for (const keeper of again) keeper.start([])
    const flow = joins ? before : this.#beginUp(services)
    try {
      await Promise.all([flow.done, ...again.map((keeper) => keeper.whenReady(this.#closed.signal))])
    } catch (error) {
      if (error !== superseded) throw error
      await this.up({ only: asked.map(({ id }) => id) })
    }
  }

  /** Stops everything; an `up` under way is given up and rejects. `purge` deletes the services' data too. Idempotent. */
  async down({ purge = false }: { readonly purge?: boolean } = {}): Promise<void> {
    const joins = this.#flows.current?.kind === 'down' && !purge
    const reason = new Error('The stack is being stopped.')
    const { services } = this.#options
    const work = () => this.#takeDown(purge)
    const flow = joins ? this.#flows.current : this.#flows.begin({ kind: 'down', services, reason, work })
    await flow?.done.catch(this.#whenBack)
  }

  /** Throws Problem 409 for one that runs elsewhere. */
  readonly requireOwn = (ids: readonly ServiceId[]): void => requireOwn(ids, this.#options.externals)

  /** Throws Problem 409 while services run that are said to be elsewhere. */
  readonly requirePurgeable = async (): Promise<void> => void (await inspectOwn(this.#options))

  readonly startService = (id: ServiceId): Promise<void> => this.up({ only: [id] })

  /** Stops this one, whatever depends on it. */
  async stopService(id: ServiceId): Promise<void> {
    await this.#memory.change({ wanted: this.#memory.current.wanted.filter((other) => other !== id) })
    await this.#keeper(id).stop(this.#closed.signal).catch(this.#whenBack)
  }

  async restartService(id: ServiceId): Promise<void> {
    const keeper = this.#keeper(id)
    if (!(await keeper.update(this.#closed.signal))) await keeper.stop(this.#closed.signal).catch(this.#whenBack)
    if (this.#flows.current?.kind === 'down') throw new Error('The stack is being stopped.')
    await this.startService(id)
  }

  /** Throws Problem where there is always one. */
  readonly scaleService = (id: ServiceId, replicas: number): Promise<void> =>
    scaleService(this.#options.runtime, this.#options.services, id, replicas)

  /** Ends watching; services go on. */
  async close(): Promise<void> {
    this.#closed.abort(new Error('The console is being closed.'))
    this.#watchdog.close()
    for (const off of this.#off) off()
    this.#teller.close()
    for (const keeper of this.#keepers.values()) keeper.close()
    await this.#flows.current?.done.catch(() => {})
  }

  #keeper(id: ServiceId): Keeper {
    const keeper = this.#keepers.get(id)
    if (keeper === undefined) throw new Error(`There is no service ${id}`)
    return keeper
  }

  /** What a start that failed was to bring up: it is finished with the next one, be that of a single service. */
  get #unfinished(): readonly ServiceDefinition[] {
    const { wanted, readyAfterMs } = this.#memory.current
    if (this.#fault === null && readyAfterMs !== null) return []
    return this.#options.services.filter(({ id }) => wanted.includes(id))
  }

  #beginUp(services: readonly ServiceDefinition[]): Flow {
    this.#upPhase = 'preparing'
    const work = (signal: AbortSignal) => this.#bringUp(services, signal)
    return this.#flows.begin({ kind: 'up', services, reason: superseded, work })
  }

  async #bringUp(services: readonly ServiceDefinition[], signal: AbortSignal): Promise<void> {
    this.#fault = null
    const allReady = services.every(({ id }) => this.#keeper(id).phase === 'ready')
    const fresh = this.#memory.current.readyAfterMs === null || this.#memory.current.wanted.length === 0
    const startedAt = Date.now()
    try {
      signal.throwIfAborted()
      await bringUp({
        ...this.#options,
        ...{ services, before: this.#memory.current },
        keepers: this.#keepers,
        steps: this.#steps,
        signal,
        onPhase: (phase) => {
          this.#upPhase = phase
          this.#changed()
        },
        beforeStart: () => {
          const wanted = [...new Set([...this.#memory.current.wanted, ...services.map(({ id }) => id)])]
          const known = {
            wanted,
            stopping: false,
            runtime: this.#options.runtime.kind,
            kafka: kafkaNow(this.#options.config),
          }
          return this.#memory.change(fresh && !allReady ? { ...known, startedAt, readyAfterMs: null } : known)
        },
      })
      if (this.#memory.current.readyAfterMs === null)
        await this.#memory.change({ readyAfterMs: Date.now() - startedAt })
    } catch (error) {
      if (!signal.aborted) this.#fault = error
      this.#steps.failOpen(messageOf(error))
      throw signal.aborted ? signal.reason : error
    }
  }

  async #takeDown(purge: boolean): Promise<void> {
    this.#fault = null
    this.#steps.clear()
    if (purge) await this.requirePurgeable()
    await this.#memory.change({ stopping: true })
    await inStopOrder(this.#options.services, ({ id }) => this.#keeper(id).stop(this.#closed.signal))
    if (purge) for (const id of everOurs(this.#options)) await this.#options.runtime.purge(id)
    // Data stays with the runtime that has written it, and its offsets are those of one Kafka.
    const { runtime, kafka } = this.#memory.current
    await this.#memory.change({ ...nothingWanted, ...(purge ? {} : { runtime, kafka }) })
  }

  #background(what: string, work: Promise<void>): void {
    work.catch((error: unknown) => this.#options.log.error({ err: error }, `${what} failed`))
  }

  /** What the engine has kept from its end, by going away, goes on when it is back. */
  readonly #whenBack = (error: unknown): never => {
    if (isAway(this.#options.runtime)) this.#adoptLater()
    throw error
  }

  readonly #changed = (): void => this.#teller.changed()
}
