/** What both ways of running services on an engine have in common: images, watching, logs and figures of containers. */
import type Docker from 'dockerode'
import type { Logger } from 'pino'
import type { ArtifactId } from '#lib/artifacts/index.ts'
import type { Config } from '#lib/config.ts'
import type { PreflightFault } from '#lib/pipeline/snapshot.ts'
import type { RuntimeKind, ServiceId } from '#lib/pipeline/stages.ts'
import type { ServiceDefinition } from '../definition.ts'
import type { Instance, LogOptions, PrepareProgress, Runtime, ServiceStats, StartProgress } from '../runtime.ts'
import { Turns } from '../turns.ts'
import { Contact } from './contact.ts'
import { type FoundContainer, listContainers } from './containers.ts'
import { type EngineAddress, openDocker } from './engine.ts'
import { type Scope, scopeOf } from './guard/scope.ts'
import { checkEngine, engineFault } from './health.ts'
import { credentialsFor } from './images/credentials.ts'
import { type DebianOptions, makeDebian } from './images/debootstrap.ts'
import { builtFor, type ImageId, imageIds, namedFor, nameLatest, removeOldImages } from './images/index.ts'
import { imageFaults, missingForImages, type Preparing, prepareImages } from './images/preparing.ts'
import { ensurePulled } from './images/pull.ts'
import { type LogSource, readLogs } from './logs.ts'
import { sendFolder } from './making.ts'
import { ContainerStats } from './stats.ts'
import { ContainerWatch } from './watch.ts'

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

/** Tells a step of a service's start, and throws the signal's reason once that has been given up. */
export const stepTeller =
  (service: ServiceId, onProgress: (p: StartProgress) => void, signal: AbortSignal) =>
  (step: string): void => {
    signal.throwIfAborted()
    onProgress({ service, step })
  }

export abstract class EngineRuntime implements DockerRuntime {
  abstract readonly kind: RuntimeKind
  protected readonly options: DockerRuntimeOptions
  protected readonly docker: Docker
  protected readonly scope: Scope
  protected readonly watch: ContainerWatch
  /** Start and stop of one service wait for each other. */
  protected readonly turns = new Turns()
  readonly #stats: ContainerStats
  readonly #contact = new Contact(() => this.ping())
  readonly #closing = new AbortController()
  #network: Promise<void> = Promise.resolve()

  constructor(options: DockerRuntimeOptions) {
    this.options = options
    const { inside, images } = options.config
    this.scope = scopeOf(options.project, [options.debian, ...Object.values(images)], !inside)
    this.docker = openDocker(options.address, this.scope, (error) => this.#contact.note(error))
    this.#stats = new ContainerStats(this.docker)
    this.watch = new ContainerWatch({ docker: this.docker, scope: this.scope, log: options.log })
  }

  abstract start(service: ServiceDefinition, onProgress: (p: StartProgress) => void, signal: AbortSignal): Promise<void>
  abstract stop(service: ServiceDefinition, signal: AbortSignal): Promise<void>
  abstract purge(service: ServiceId): Promise<void>

  /** Of what services are made, where no image is named for them, and what they need beside it. */
  protected imagesOf(services: readonly ServiceDefinition[]): ImageId[] {
    return builtFor(services, this.options.config)
  }

  get away(): string | null {
    return this.#contact.away
  }

  onAway(listener: () => void): () => void {
    return this.#contact.onChange(listener)
  }

  ping(): Promise<void> {
    return checkEngine(this.docker)
  }

  makeDebian(options: Omit<DebianOptions, 'cacheDir'>): Promise<void> {
    return makeDebian(this.docker, { cacheDir: this.options.config.cacheDir, ...options })
  }

  removeOldImages(): Promise<readonly string[]> {
    return removeOldImages(this.docker, this.options.config)
  }

  missingForAll(): Promise<readonly ArtifactId[]> {
    return missingForImages(this.#preparing, imageIds)
  }

  async prepareAll(onProgress: (p: PrepareProgress) => void, signal: AbortSignal): Promise<void> {
    const refs = await prepareImages(this.#preparing, imageIds, onProgress, signal)
    const ref = refs.get('console')
    if (ref !== undefined) await nameLatest(this.docker, 'console', ref)
  }

  async faults(services: readonly ServiceDefinition[]): Promise<readonly PreflightFault[]> {
    try {
      await this.ping()
      return this.options.config.inside ? await imageFaults(this.#preparing, this.imagesOf(services)) : []
    } catch (error) {
      return [engineFault(error)]
    }
  }

  async missingArtifacts(services: readonly ServiceDefinition[]): Promise<readonly ArtifactId[]> {
    // Nothing is built there.
    if (this.options.config.inside) return []
    return missingForImages(this.#preparing, this.imagesOf(services))
  }

  async prepare(
    services: readonly ServiceDefinition[],
    onProgress: (p: PrepareProgress) => void,
    signal: AbortSignal,
  ): Promise<void> {
    await prepareImages(this.#preparing, this.imagesOf(services), onProgress, signal)
    const { inside, docker, searchPath } = this.options.config
    for (const name of namedFor(services, this.options.config)) {
      // In a container there are no settings of Docker's client, and a gate takes no logins.
      const login = async () => (inside ? null : credentialsFor(name, { clientDir: docker.clientDir, searchPath }))
      await ensurePulled(this.docker, name, { onProgress, signal, login })
    }
  }

  get #preparing(): Preparing {
    const { config, debian } = this.options
    return { docker: this.docker, config, debian }
  }

  /** One after another: the engine makes two of one name when it is asked twice at once. */
  protected inNetworkTurn(act: () => Promise<void>): Promise<void> {
    const done = this.#network.then(act)
    this.#network = done.catch(() => {})
    return done
  }

  inspect(): Promise<Map<ServiceId, Instance>> {
    return this.watch.inspect()
  }

  logs(service: ServiceId, options: LogOptions, signal: AbortSignal): AsyncIterable<string> {
    const ended = AbortSignal.any([signal, this.#closing.signal])
    const onStart = (listener: (started: ServiceId) => void) => this.watch.onStart(listener)
    return this.readLogs({ docker: this.docker, scope: this.scope, service, onStart }, options, ended)
  }

  protected readLogs(source: LogSource, options: LogOptions, signal: AbortSignal): AsyncIterable<string> {
    return readLogs(source, options, signal)
  }

  async lend(service: ServiceId, folder: string, signal: AbortSignal): Promise<string> {
    const running = (await listContainers(this.docker, this.scope, { service })).find((found) => found.running)
    if (running === undefined) throw new Error(`${service} does not run, so it cannot be given files`)
    signal.throwIfAborted()
    return sendFolder(this.docker, running, folder)
  }

  async stats(service: ServiceId): Promise<ServiceStats | null> {
    return this.statsOf(await listContainers(this.docker, this.scope, { service }))
  }

  /** Of all that run, together; null when none does. */
  protected async statsOf(found: readonly FoundContainer[]): Promise<ServiceStats | null> {
    const figures = await Promise.all(found.filter(({ running }) => running).map(({ id }) => this.#stats.of(id)))
    const known = figures.filter((each) => each !== null)
    if (known.length === 0) return null
    return known.reduce((sum, each) => ({
      cpuPercent: sum.cpuPercent + each.cpuPercent,
      rssBytes: sum.rssBytes + each.rssBytes,
    }))
  }

  onExit(listener: (instance: Instance) => void): () => void {
    return this.watch.onExit(listener)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#stats.close()
    this.#contact.close()
    await Promise.allSettled([this.turns.settled(), this.watch.close()])
  }
}
