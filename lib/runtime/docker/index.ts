/**
 * Runs services as containers of a Docker engine. Below the stack, which decides what runs; above the engine, which is reached through
 * the guard alone. Like the process runtime it keeps nothing in memory that matters: containers are found again by their labels.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import type { Logger } from 'pino'
import type { ArtifactId } from '#lib/artifacts/index.ts'
import type { Config } from '#lib/config.ts'
import type { PreflightFault } from '#lib/pipeline/snapshot.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { ServiceDefinition } from '../definition.ts'
import type { Instance, LogOptions, PrepareProgress, Runtime, ServiceStats, StartProgress } from '../runtime.ts'
import { Turns } from '../turns.ts'
import { archivesVolume, graceMsOf } from './archives.ts'
import { listContainers } from './containers.ts'
import { type DebianOptions, makeDebian } from './debootstrap.ts'
import { type EngineAddress, openDocker } from './engine.ts'
import { hasStatus } from './errors.ts'
import { type Scope, scopeOf } from './guard-scope.ts'
import { checkEngine, engineFault } from './health.ts'
import { builtFor, imageIds, imageOf, namedFor, nameLatest, removeOldImages } from './images.ts'
import { readLogs } from './logs.ts'
import {
  ensureContainer,
  ensureNetwork,
  ensureVolumes,
  removeIdleNetwork,
  removeVolumes,
  sendFolder,
  startContainer,
} from './making.ts'
import { imageFaults, missingForImages, type Preparing, prepareImages } from './preparing.ts'
import { ensurePulled } from './pull.ts'
import { confVolume, dataVolume, specOf } from './spec.ts'
import { ContainerStats } from './stats.ts'
import { ContainerWatch } from './watch.ts'

export { findAddress } from './address.ts'
export type { EngineAddress } from './engine.ts'
export { DockerError } from './errors.ts'
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
  /** Resolves when an engine answers that is new enough; rejects with DockerError, which says what to do. */
  ping(): Promise<void>
  /** Makes the Debian for images to begin with, where no registry is reached. Needs root. */
  makeDebian(options: Omit<DebianOptions, 'cacheDir'>): Promise<void>
  /** As missingArtifacts and prepare, for all images there are: that of the console in a container too, which is then named `latest`. */
  missingForAll(): Promise<readonly ArtifactId[]>
  prepareAll(onProgress: (p: PrepareProgress) => void, signal: AbortSignal): Promise<void>
  /** Removes images of earlier definitions that no container uses; resolves to their names. */
  removeOldImages(): Promise<readonly string[]>
}

export const createDockerRuntime = (options: DockerRuntimeOptions): DockerRuntime => new Containers(options)

class Containers implements DockerRuntime {
  readonly kind = 'docker'
  readonly #options: DockerRuntimeOptions
  readonly #docker: Docker
  readonly #scope: Scope
  readonly #stats: ContainerStats
  readonly #closing = new AbortController()
  readonly #watch: ContainerWatch
  /** Start and stop of one service wait for each other. */
  readonly #turns = new Turns()
  #network: Promise<void> = Promise.resolve()

  constructor(options: DockerRuntimeOptions) {
    this.#options = options
    const { inside, images } = options.config
    const named = Object.values(images)
    this.#scope = scopeOf(options.project, [options.debian, ...named], !inside)
    this.#docker = openDocker(options.address, this.#scope)
    this.#stats = new ContainerStats(this.#docker)
    this.#watch = new ContainerWatch({ docker: this.#docker, scope: this.#scope, log: options.log })
  }

  ping(): Promise<void> {
    return checkEngine(this.#docker)
  }

  makeDebian(options: Omit<DebianOptions, 'cacheDir'>): Promise<void> {
    return makeDebian(this.#docker, { cacheDir: this.#options.config.cacheDir, ...options })
  }

  missingForAll(): Promise<readonly ArtifactId[]> {
    return missingForImages(this.#preparing, imageIds)
  }

  async prepareAll(onProgress: (p: PrepareProgress) => void, signal: AbortSignal): Promise<void> {
    await prepareImages(this.#preparing, imageIds, onProgress, signal)
    await nameLatest(this.#docker, 'console', this.#options.config)
  }

  removeOldImages(): Promise<readonly string[]> {
    return removeOldImages(this.#docker, this.#options.config)
  }

  async faults(services: readonly ServiceDefinition[]): Promise<readonly PreflightFault[]> {
    try {
      await this.ping()
      const { config } = this.#options
      return config.inside ? await imageFaults(this.#preparing, builtFor(services, config)) : []
    } catch (error) {
      return [engineFault(error)]
    }
  }

  async missingArtifacts(services: readonly ServiceDefinition[]): Promise<readonly ArtifactId[]> {
    // Nothing is built there.
    if (this.#options.config.inside) return []
    return missingForImages(this.#preparing, builtFor(services, this.#options.config))
  }

  async prepare(
    services: readonly ServiceDefinition[],
    onProgress: (p: PrepareProgress) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { config } = this.#options
    await prepareImages(this.#preparing, builtFor(services, config), onProgress, signal)
    for (const name of namedFor(services, config)) await ensurePulled(this.#docker, name, onProgress, signal)
  }

  get #preparing(): Preparing {
    const { config, debian } = this.#options
    return { docker: this.#docker, config, debian }
  }

  start(service: ServiceDefinition, onProgress: (p: StartProgress) => void, signal: AbortSignal): Promise<void> {
    return this.#turns.take(service.id, async () => {
      const onStep = (step: string) => {
        signal.throwIfAborted()
        onProgress({ service: service.id, step })
      }
      onStep('making its container')
      const { config, log } = this.#options
      const spec = await specOf(service, { config, scope: this.#scope, ...(await imageOf(service, config)) })
      await this.#inNetworkTurn(() => ensureNetwork(this.#docker, this.#scope))
      await ensureVolumes(this.#docker, this.#scope, spec.volumes)
      const container = await ensureContainer(this.#docker, this.#scope, service.id, spec)
      if (!container.running) {
        onStep('starting')
        await startContainer(this.#docker, this.#scope, service.id, spec, container)
        log.info({ service: service.id, container: container.instance.handle }, 'service started')
      }
      // Also when it has ended meanwhile: then the event is on its way.
      this.#watch.expect(service.id)
    })
  }

  /** One after another: the engine makes two of one name when it is asked twice at once. */
  #inNetworkTurn(act: () => Promise<void>): Promise<void> {
    const done = this.#network.then(act)
    this.#network = done.catch(() => {})
    return done
  }

  stop(service: ServiceDefinition, signal: AbortSignal): Promise<void> {
    return this.#turns.take(service.id, async () => {
      await this.#watch.whileStopping(service.id, async () => {
        for (const { id, running } of await listContainers(this.#docker, this.#scope, { service: service.id }))
          if (running) await this.#end(id, graceMsOf(service), signal)
      })
      this.#options.log.info({ service: service.id }, 'service stopped')
    })
  }

  purge(service: ServiceId): Promise<void> {
    return this.#turns.take(service, async () => {
      const containers = await listContainers(this.#docker, this.#scope, { service })
      if (containers.some(({ running }) => running))
        throw new Error(`${service} runs: stop it before its data is deleted`)
      for (const { id } of containers) await this.#docker.getContainer(id).remove({ force: true })
      const names = [dataVolume, confVolume, archivesVolume].map((nameOf) => nameOf(this.#scope, service))
      await removeVolumes(this.#docker, this.#scope, names)
      await this.#inNetworkTurn(() => removeIdleNetwork(this.#docker, this.#scope))
    })
  }

  inspect(): Promise<Map<ServiceId, Instance>> {
    return this.#watch.inspect()
  }

  logs(service: ServiceId, options: LogOptions, signal: AbortSignal): AsyncIterable<string> {
    const ended = AbortSignal.any([signal, this.#closing.signal])
    const onStart = (listener: (started: ServiceId) => void) => this.#watch.onStart(listener)
    return readLogs({ docker: this.#docker, scope: this.#scope, service, onStart }, options, ended)
  }

  async lend(service: ServiceId, folder: string, signal: AbortSignal): Promise<string> {
    const running = (await listContainers(this.#docker, this.#scope, { service })).find((found) => found.running)
    if (running === undefined) throw new Error(`${service} does not run, so it cannot be given files`)
    signal.throwIfAborted()
    return sendFolder(this.#docker, running, folder)
  }

  async stats(service: ServiceId): Promise<ServiceStats | null> {
    const found = await listContainers(this.#docker, this.#scope, { service })
    const running = found.find((container) => container.running)
    return running === undefined ? null : this.#stats.of(running.id)
  }

  onExit(listener: (instance: Instance) => void): () => void {
    return this.#watch.onExit(listener)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#stats.close()
    await Promise.allSettled([this.#turns.settled(), this.#watch.close()])
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
}
