/**
 * Runs services as containers of a Docker engine. Below the stack, which decides what runs; above the engine, which is reached through
 * the guard alone. Like the process runtime it keeps nothing in memory that matters: containers are found again by their labels.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import type { Logger } from 'pino'
import type { Config } from '#lib/config.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { ServiceDefinition } from '../definition.ts'
import type { Instance, LogOptions, Runtime, ServiceStats, StartProgress } from '../runtime.ts'
import { Turns } from '../turns.ts'
import { exitOf, findContainer, isServiceId, listContainers } from './containers.ts'
import { type EngineAddress, openDocker } from './engine.ts'
import { hasStatus } from './errors.ts'
import { type ContainerEvent, followEvents } from './events.ts'
import { type Scope, scopeOf } from './guard-scope.ts'
import { ensureImages, type ImageId, type ImageOptions, imageIdOf, imageRef } from './images.ts'
import { readLogs } from './logs.ts'
import { ensureContainer, ensureNetwork, ensureVolumes, removeVolumes, startContainer } from './making.ts'
import { confVolume, dataVolume, specOf } from './spec.ts'
import { ContainerStats } from './stats.ts'

export type { EngineAddress } from './engine.ts'
export type { ImageId, ImageProgress } from './images.ts'
export { dockerSite } from './site.ts'

export interface DockerRuntimeOptions {
  readonly config: Config
  readonly log: Logger
  readonly address: EngineAddress
  /** Compose project; tells this stack's objects from all others of the engine. */
  readonly project: string
  /** Debian image that the images begin with (`name:tag`). */
  readonly debian: string
}

export interface DockerRuntime extends Runtime {
  readonly kind: 'docker'
  /** Builds the images that are missing; their artifacts must be there. Idempotent. */
  buildImages(ids: readonly ImageId[], options: Pick<ImageOptions, 'onProgress' | 'signal'>): Promise<void>
  /** Resolves when an engine answers; rejects with DockerError, which says what to do. */
  ping(): Promise<void>
}

export const createDockerRuntime = (options: DockerRuntimeOptions): DockerRuntime => new Containers(options)

class Containers implements DockerRuntime {
  readonly kind = 'docker'
  readonly #options: DockerRuntimeOptions
  readonly #docker: Docker
  readonly #scope: Scope
  readonly #stats: ContainerStats
  readonly #closing = new AbortController()
  readonly #listeners = new Set<(instance: Instance) => void>()
  readonly #startListeners = new Set<(service: ServiceId) => void>()
  /** Services seen running; one that is missing after a gap in the events has ended. */
  readonly #running = new Set<ServiceId>()
  readonly #stopping = new Set<ServiceId>()
  /** Start and stop of one service wait for each other. */
  readonly #turns = new Turns()
  #events: Promise<void> | null = null

  constructor(options: DockerRuntimeOptions) {
    this.#options = options
    this.#scope = scopeOf(options.project, [options.debian])
    this.#docker = openDocker(options.address, this.#scope)
    this.#stats = new ContainerStats(this.#docker)
  }

  async ping(): Promise<void> {
    await this.#docker.ping()
  }

  buildImages(ids: readonly ImageId[], options: Pick<ImageOptions, 'onProgress' | 'signal'>): Promise<void> {
    const { config, debian } = this.#options
    return ensureImages(this.#docker, ids, { config, debian, ...options })
  }

  start(service: ServiceDefinition, onProgress: (p: StartProgress) => void, signal: AbortSignal): Promise<void> {
    return this.#turns.take(service.id, async () => {
      const onStep = (step: string) => {
        signal.throwIfAborted()
        onProgress({ service: service.id, step })
      }
      onStep('making its container')
      const { config, log } = this.#options
      const image = await imageRef(imageIdOf(service), config)
      const spec = await specOf(service, { config, scope: this.#scope, image })
      await ensureNetwork(this.#docker, this.#scope)
      await ensureVolumes(this.#docker, this.#scope, spec.volumes)
      const container = await ensureContainer(this.#docker, this.#scope, service.id, spec)
      if (!container.running) {
        onStep('starting')
        await startContainer(this.#docker, this.#scope, service.id, spec, container)
        log.info({ service: service.id, container: container.instance.handle }, 'service started')
      }
      // Also when it has ended meanwhile: then the event is on its way.
      this.#running.add(service.id)
    })
  }

  stop(service: ServiceDefinition, signal: AbortSignal): Promise<void> {
    return this.#turns.take(service.id, async () => {
      this.#stopping.add(service.id)
      try {
        for (const { id, running } of await listContainers(this.#docker, this.#scope, { service: service.id }))
          if (running) await this.#end(id, service.stopGraceMs, signal)
        this.#running.delete(service.id)
      } finally {
        this.#stopping.delete(service.id)
      }
      this.#options.log.info({ service: service.id }, 'service stopped')
    })
  }

  purge(service: ServiceId): Promise<void> {
    return this.#turns.take(service, async () => {
      const containers = await listContainers(this.#docker, this.#scope, { service })
      if (containers.some(({ running }) => running))
        throw new Error(`${service} runs: stop it before its data is deleted`)
      for (const { id } of containers) await this.#docker.getContainer(id).remove({ force: true })
      const names = [dataVolume(this.#scope, service), confVolume(this.#scope, service)]
      await removeVolumes(this.#docker, this.#scope, names)
    })
  }

  async inspect(): Promise<Map<ServiceId, Instance>> {
    const found = await listContainers(this.#docker, this.#scope)
    for (const { service, running } of found) if (running) this.#running.add(service)
    // Where there are two of one service, the one that runs counts.
    const ordered = found.sort((a, b) => Number(a.running) - Number(b.running))
    return new Map(ordered.map(({ service, instance }) => [service, instance]))
  }

  logs(service: ServiceId, options: LogOptions, signal: AbortSignal): AsyncIterable<string> {
    this.#followEvents()
    const ended = AbortSignal.any([signal, this.#closing.signal])
    const onStart = (listener: (started: ServiceId) => void) => {
      this.#startListeners.add(listener)
      return () => this.#startListeners.delete(listener)
    }
    return readLogs({ docker: this.#docker, scope: this.#scope, service, onStart }, options, ended)
  }

  async stats(service: ServiceId): Promise<ServiceStats | null> {
    const found = await listContainers(this.#docker, this.#scope, { service })
    const running = found.find((container) => container.running)
    return running === undefined ? null : this.#stats.of(running.id)
  }

  onExit(listener: (instance: Instance) => void): () => void {
    this.#listeners.add(listener)
    this.#followEvents()
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#listeners.clear()
    this.#stats.close()
    await Promise.allSettled([this.#turns.settled(), this.#events])
  }

  /** The engine sends SIGTERM, and SIGKILL after the grace. Aborting ends the waiting alone: told to stop, it will. */
  async #end(id: string, graceMs: number, signal: AbortSignal): Promise<void> {
    const gone = new AbortController()
    const stopped = this.#docker
      .getContainer(id)
      .stop({ t: Math.ceil(graceMs / 1_000) })
      .catch((error: unknown) => {
        // Stopped already, or removed by somebody.
        if (!hasStatus(error, 304, 404)) throw error
      })
    const aborted = delay(2_147_483_647, undefined, { signal: AbortSignal.any([signal, gone.signal]), ref: false })
    try {
      await Promise.race([stopped, aborted])
    } finally {
      gone.abort()
      stopped.catch((error: unknown) => this.#options.log.warn({ err: error }, 'a container could not be stopped'))
    }
    signal.throwIfAborted()
  }

  #followEvents(): void {
    const options = {
      ...{ docker: this.#docker, scope: this.#scope, log: this.#options.log },
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
    const found = await findContainer(this.#docker, container).catch(() => undefined)
    if (found?.running) return
    const exit = exitOf(code, false, null)
    const state = found === undefined ? 'exited' : 'absent'
    this.#tellExit(found?.instance ?? { service, state, handle: container.slice(0, 12), startedAt: null, exit })
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
      if (!this.#closing.signal.aborted) this.#options.log.warn({ err: error }, 'the containers cannot be looked at')
    }
  }

  #tellExit(instance: Instance): void {
    // Each end is told once, and one that was asked for is none.
    if (this.#stopping.has(instance.service) || !this.#running.delete(instance.service)) return
    this.#options.log.warn({ service: instance.service, exit: instance.exit }, 'service ended unasked')
    for (const listener of this.#listeners) listener(instance)
  }
}
