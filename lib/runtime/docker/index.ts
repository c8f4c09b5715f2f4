/**
 * Runs services as containers of a Docker engine. Below the stack, which decides what runs; above the engine, which is reached through
 * the guard alone. Like the process runtime it keeps nothing in memory that matters: containers are found again by their labels.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { ServiceDefinition } from '../definition.ts'
import type { StartProgress } from '../runtime.ts'
import { archivesVolume, graceMsOf } from './archives.ts'
import { listContainers } from './containers.ts'
import { type DockerRuntime, type DockerRuntimeOptions, EngineRuntime, stepTeller } from './engine-runtime.ts'
import { hasStatus } from './errors.ts'
import { imageOf } from './images/index.ts'
import {
  ensureContainer,
  ensureNetwork,
  ensureVolumes,
  removeIdleNetwork,
  removeVolumes,
  startContainer,
} from './making.ts'
import { confVolume, dataVolume, specOf } from './spec.ts'
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
      await this.inNetworkTurn(() => ensureNetwork(this.docker, this.scope))
      await ensureVolumes(this.docker, this.scope, spec.volumes)
      const container = await ensureContainer(this.docker, this.scope, service.id, spec)
      if (!container.running) {
        onStep('starting')
        await startContainer(this.docker, this.scope, service.id, spec, container)
        log.info({ service: service.id, container: container.instance.handle }, 'service started')
      }
      // Also when it has ended meanwhile: then the event is on its way.
      this.watch.expect(service.id)
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
