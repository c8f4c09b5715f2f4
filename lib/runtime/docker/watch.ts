/** Knows which containers run, and tells of those that start, and of those that end without being asked to. */
import type Docker from 'dockerode'
import type { Logger } from 'pino'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { Instance } from '../runtime.ts'
import { exitOf, type FoundContainer, findContainer, isServiceId, listContainers } from './containers.ts'
import { type ContainerEvent, followEvents } from './events.ts'
import type { Scope } from './guard/scope.ts'

export interface Watched {
  readonly docker: Docker
  readonly scope: Scope
  readonly log: Logger
}

export class ContainerWatch {
  readonly #watched: Watched
  readonly #closing = new AbortController()
  readonly #exitListeners = new Set<(instance: Instance) => void>()
  readonly #startListeners = new Set<(service: ServiceId) => void>()
  /** Services seen running; one that is missing after a gap in the events has ended. */
  readonly #running = new Set<ServiceId>()
  readonly #stopping = new Set<ServiceId>()
  #events: Promise<void> | null = null

  constructor(watched: Watched) {
    this.#watched = watched
  }

  /** From now on the end of this service is told. */
  expect(service: ServiceId): void {
    this.#running.add(service)
  }

  /** Its end meanwhile is no news. */
  async whileStopping(service: ServiceId, stop: () => Promise<void>): Promise<void> {
    this.#stopping.add(service)
    try {
      await stop()
      this.#running.delete(service)
    } finally {
      this.#stopping.delete(service)
    }
  }

  async inspect(): Promise<Map<ServiceId, Instance>> {
    const found = await listContainers(this.#watched.docker, this.#watched.scope)
    for (const { service, running } of found) if (running) this.#running.add(service)
    // Where there are several of one service, one that runs counts, else the last that did.
    const startedAt = ({ instance }: FoundContainer) => instance.startedAt ?? 0
    const ordered = found.sort((a, b) => Number(a.running) - Number(b.running) || startedAt(a) - startedAt(b))
    return new Map(ordered.map(({ service, instance }) => [service, instance]))
  }

  onExit(listener: (instance: Instance) => void): () => void {
    this.#follow()
    this.#exitListeners.add(listener)
    return () => this.#exitListeners.delete(listener)
  }

  /** Also when it may have started while the engine was away. */
  onStart(listener: (service: ServiceId) => void): () => void {
    this.#follow()
    this.#startListeners.add(listener)
    return () => this.#startListeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#exitListeners.clear()
    await this.#events
  }

  #follow(): void {
    const options = {
      ...this.#watched,
      onEvent: (event: ContainerEvent) => void this.#note(event),
      onConnected: () => void this.#catchUp(),
    }
    this.#events ??= followEvents(options, this.#closing.signal)
  }

  async #note({ action, container, service, code }: ContainerEvent): Promise<void> {
    if (!isServiceId(service)) return
    if (action === 'start') {
      this.#running.add(service)
      for (const listener of this.#startListeners) listener(service)
      return
    }
    // Undefined where it cannot be asked, because the engine itself is on its way down.
    const found = await findContainer(this.#watched.docker, container).catch(() => undefined)
    if (found?.running || (await this.#hasOther(service))) return
    const exit = exitOf(code, false, null)
    const state = found === undefined ? 'exited' : 'absent'
    this.#tellExit(found?.instance ?? { service, state, handle: container.slice(0, 12), startedAt: null, exit })
  }

  /** Of several replicas one is not the service. */
  async #hasOther(service: ServiceId): Promise<boolean> {
    const { docker, scope } = this.#watched
    const others = await listContainers(docker, scope, { service }).catch(() => [])
    return others.some(({ running }) => running)
  }

  /** Ends that no event has told of: while the engine or the connection to it was away. */
  async #catchUp(): Promise<void> {
    try {
      const before = [...this.#running]
      const now = await this.inspect()
      for (const service of before) {
        const instance = now.get(service) ?? { service, state: 'absent', handle: null, startedAt: null, exit: null }
        if (instance.state !== 'running') this.#tellExit(instance)
      }
      for (const service of now.keys()) for (const listener of this.#startListeners) listener(service)
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#watched.log.warn({ err: error }, 'the containers cannot be looked at')
    }
  }

  #tellExit(instance: Instance): void {
    // Each end is told once, and one that was asked for is none.
    if (this.#stopping.has(instance.service) || !this.#running.delete(instance.service)) return
    this.#watched.log.warn({ service: instance.service, exit: instance.exit }, 'service ended unasked')
    for (const listener of this.#exitListeners) listener(instance)
  }
}
