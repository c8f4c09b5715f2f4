/**
 * Runs services as containers of a Docker engine. Below the stack, which decides what runs; above the engine, which is reached through
 * the guard alone. Like the process runtime it keeps nothing in memory that matters: containers are found again by their labels.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { ServiceDefinition } from '../definition.ts'
import type { StartProgress } from '../runtime.ts'
import { archivesVolume, graceMsOf } from './archives.ts'
import { type FoundContainer, listContainers } from './containers.ts'
import { type DockerRuntime, type DockerRuntimeOptions, EngineRuntime, stepTeller } from './engine-runtime.ts'
import { hasStatus } from './errors.ts'
import { imageOf } from './images/index.ts'
import {
  ensureNetwork,
  ensureVolumes,
  findUsable,
  makeContainer,
  removeIdleNetwork,
  removeVolumes,
  startContainer,
} from './making.ts'
import { confVolume, dataVolume, type ServiceSpec, specOf } from './spec.ts'
import { SwarmServices } from './swarm/runtime.ts'

export { findAddress } from './address.ts'
export type { EngineAddress } from './engine.ts'
export type { DockerRuntime, DockerRuntimeOptions } from './engine-runtime.ts'
export { DockerError } from './errors.ts'
export { dockerSite } from './site.ts'
export { swarmSite } from './swarm/site.ts'

export const createDockerRuntime = (options: DockerRuntimeOptions): DockerRuntime => new Containers(options)
export const createSwarmRuntime = (options: DockerRuntimeOptions): DockerRuntime => new SwarmServices(options)

class Containers extends EngineRuntime {
  readonly kind = 'docker'

  start(service: ServiceDefinition, onProgress: (p: StartProgress) => void, signal: AbortSignal): Promise<void> {
    return this.turns.take(service.id, async () => {
      const onStep = stepTeller(service.id, onProgress, signal)
      onStep('making its container')
      const { config, log } = this.options
      const spec = await specOf(service, { config, scope: this.scope, ...(await imageOf(service, config)) })
      const there = await findUsable(this.docker, this.scope, service.id, spec)
      const container = there ?? (await this.#make(service.id, spec))
      if (!container.running) {
        onStep('starting')
        await this.#start(service.id, spec, container)
        log.info({ service: service.id, container: container.instance.handle }, 'service started')
      }
      // Also when it has ended meanwhile: then the event is on its way.
      this.watch.expect(service.id)
    })
  }

  async #make(service: ServiceId, spec: ServiceSpec): Promise<FoundContainer> {
    await this.inNetworkTurn(() => ensureNetwork(this.docker, this.scope))
    await ensureVolumes(this.docker, this.scope, spec.volumes)
    return makeContainer(this.docker, service, spec)
  }

  /** A container whose network was removed and made anew cannot start any more, and is made anew too. */
  async #start(service: ServiceId, spec: ServiceSpec, container: FoundContainer): Promise<void> {
    await startContainer(this.docker, spec, container).catch(async (error: unknown) => {
      if (!hasStatus(error, 404)) throw error
      await this.docker.getContainer(container.id).remove({ force: true })
      await startContainer(this.docker, spec, await this.#make(service, spec))
    })
  }

  stop(service: ServiceDefinition, signal: AbortSignal): Promise<void> {
    return this.turns.take(service.id, async () => {
      await this.watch.whileStopping(service.id, async () => {
        for (const { id, running } of await listContainers(this.docker, this.scope, { service: service.id }))
          if (running) await this.#end(id, graceMsOf(service), signal)
      })
      this.options.log.info({ service: service.id }, 'service stopped')
    })
  }

  purge(service: ServiceId): Promise<void> {
    return this.turns.take(service, async () => {
      const containers = await listContainers(this.docker, this.scope, { service })
      if (containers.some(({ running }) => running))
        throw new Error(`${service} runs: stop it before its data is deleted`)
      for (const { id } of containers) await this.docker.getContainer(id).remove({ force: true })
      const names = [dataVolume, confVolume, archivesVolume].map((nameOf) => nameOf(this.scope, service))
      await removeVolumes(this.docker, this.scope, names)
      await this.inNetworkTurn(() => removeIdleNetwork(this.docker, this.scope))
    })
  }

  /** The engine sends SIGTERM, and SIGKILL after the grace. Aborting ends the waiting alone: told to stop, it will. */
  async #end(id: string, graceMs: number, signal: AbortSignal): Promise<void> {
    const gone = new AbortController()
    const stopped = this.docker
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
      stopped.catch((error: unknown) => this.options.log.warn({ err: error }, 'a container could not be stopped'))
    }
    signal.throwIfAborted()
  }
}
