/**
 * Runs services as services of a swarm, which starts their tasks again by itself, lets several replicas of some run beside each other,
 * and replaces them one after another. Tasks stay on the node of the engine that is asked, where their volumes and images are; so they
 * are containers of that engine too, and are watched, read and measured as such.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '#lib/config.ts'
import type { PreflightFault } from '#lib/pipeline/snapshot.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { changeSettings, readSettings } from '#lib/settings.ts'
import type { ServiceDefinition } from '../../definition.ts'
import type { LogOptions, ServiceStats, StartProgress } from '../../runtime.ts'
import { archivesVolume } from '../archives.ts'
import { listContainers } from '../containers.ts'
import { EngineRuntime, stepTeller } from '../engine-runtime.ts'
import { DockerError } from '../errors.ts'
import { ofReplicas, slot } from '../guard/swarm.ts'
import { engineFault } from '../health.ts'
import { type ImageId, imageIdOf, imageRef, namedFor } from '../images/index.ts'
import type { LogSource } from '../logs.ts'
import { ensureNetwork, ensureVolumes, removeIdleNetwork, removeVolumes } from '../making.ts'
import { dataVolume } from '../spec.ts'
import { closeDoor, openDoor } from './door.ts'
import { elsewhere, overlay } from './home.ts'
import { readReplicas } from './logs.ts'
import {
  type FoundService,
  findService,
  imageIdentity,
  newestTask,
  nodeOf,
  putService,
  removeSecrets,
  removeService,
  swarmFault,
} from './services.ts'
import { overlayName, type SwarmSpec, swarmSpecOf } from './spec.ts'

const lookEveryMs = 300
/** States of a task that never comes to run. */
const refused = ['rejected', 'orphaned']
/** Of one that no node has taken: the one that may is drained, paused or full. */
const unplaced = ['new', 'allocated', 'pending']

type Tell = (step: string) => void

export class SwarmServices extends EngineRuntime {
  readonly kind = 'swarm'
  readonly mostReplicas = 9

  protected override imagesOf(services: readonly ServiceDefinition[]): ImageId[] {
    return [...super.imagesOf(services), 'door']
  }

  override async faults(services: readonly ServiceDefinition[]): Promise<readonly PreflightFault[]> {
    const found = await super.faults(services)
    if (found.length > 0) return found
    try {
      const fault =
        (await swarmFault(this.docker)) ??
        (await elsewhere(this.docker, this.scope, await nodeOf(this.docker))) ??
        namedFault(services, this.options.config)
      return fault === null ? [] : [fault]
    } catch (error) {
      return [engineFault(error)]
    }
  }

  protected override readLogs(source: LogSource, options: LogOptions, signal: AbortSignal): AsyncIterable<string> {
    return readReplicas(source, options, signal)
  }

  start(service: ServiceDefinition, onProgress: (p: StartProgress) => void, signal: AbortSignal): Promise<void> {
    return this.turns.take(service.id, async () => {
      const onStep = stepTeller(service.id, onProgress, signal)
      onStep('making its service')
      const spec = await this.#specOf(service)
      const found = await findService(this.docker, this.scope, service.id)
      const replicas = this.#replicasOf(service)
      await this.#makeWay(service, spec, replicas)
      if (found === null || (found.hash !== spec.hash && !(await this.#runs(service.id))))
        await putService(this.docker, this.scope, service.id, spec, { found, replicas, force: false })
      this.watch.expect(service.id)
      onStep('starting')
      await this.#untilRunning(service, onStep, signal)
      this.options.log.info({ service: service.id }, 'service started')
    })
  }

  stop(service: ServiceDefinition, signal: AbortSignal): Promise<void> {
    const { id } = service
    return this.turns.take(id, async () => {
      await this.watch.whileStopping(id, async () => {
        await closeDoor(this.docker, this.scope, id)
        await removeService(this.docker, this.scope, id)
        while ((await listContainers(this.docker, this.scope, { service: id })).length > 0)
          await delay(lookEveryMs, undefined, { signal })
        await removeSecrets(this.docker, this.scope, id, null)
      })
      this.options.log.info({ service: id }, 'service stopped')
    })
  }

  purge(service: ServiceId): Promise<void> {
    return this.turns.take(service, async () => {
      if ((await findService(this.docker, this.scope, service)) !== null || (await this.#runs(service)))
        throw new Error(`${service} runs: stop it before its data is deleted`)
      const own = [dataVolume(this.scope, service), archivesVolume(this.scope, service)]
      const replicas = own.map((name) => `${name}${slot}`)
      await removeVolumes(this.docker, this.scope, ofReplicas([...own, ...replicas], this.mostReplicas))
      await this.inNetworkTurn(() => removeIdleNetwork(this.docker, this.scope, overlayName(this.scope)))
    })
  }

  /** Kept in the settings, so that the next start makes as many. Resolves when Swarm has been told. */
  async scale(service: ServiceDefinition, replicas: number): Promise<void> {
    const { homeDir } = this.options.config
    const { settings } = readSettings(homeDir)
    changeSettings(homeDir, { replicas: { ...settings.replicas, [service.id]: replicas } })
    await this.turns.take(service.id, async () => {
      const found = await findService(this.docker, this.scope, service.id)
      if (found === null || found.replicas === replicas) return
      const spec = await this.#specOf(service)
      await this.#makeWay(service, spec, replicas)
      await putService(this.docker, this.scope, service.id, spec, { found, replicas, force: false })
    })
  }

  /** Replaces the tasks of a running service one after another, by what it is defined as now. Rejects where Swarm gives up. */
  update(service: ServiceDefinition, onProgress: (p: StartProgress) => void, signal: AbortSignal): Promise<void> {
    const { id } = service
    return this.turns.take(id, async () => {
      const spec = await this.#specOf(service)
      const found = await findService(this.docker, this.scope, id)
      if (found === null) throw new Error(`${id} does not run, so nothing of it can be replaced`)
      await this.watch.whileStopping(id, async () => {
        await this.#makeWay(service, spec, found.replicas)
        await putService(this.docker, this.scope, id, spec, { found, replicas: found.replicas, force: true })
        await this.#untilUpdated(service, (step) => onProgress({ service: id, step }), signal)
      })
      this.watch.expect(id)
      await removeSecrets(this.docker, this.scope, id, spec.secret.name)
    })
  }

  override async stats(service: ServiceId): Promise<ServiceStats | null> {
    const [found, containers] = await Promise.all([
      findService(this.docker, this.scope, service),
      listContainers(this.docker, this.scope, { service }),
    ])
    const stats = await this.statsOf(containers)
    if (stats === null || found === null) return stats
    return {
      ...stats,
      replicas: { wanted: found.replicas, running: containers.filter(({ well }) => well).length },
    }
  }

  /** Rejects where the data is on another node: whatever is made of it would begin without. */
  async #specOf(service: ServiceDefinition): Promise<SwarmSpec> {
    const { config } = this.options
    const [image, node] = await Promise.all([imageRef(imageIdOf(service), config), nodeOf(this.docker)])
    const fault = await elsewhere(this.docker, this.scope, node)
    if (fault !== null) throw new DockerError('rejected', fault.problem.replace(/\.$/, ''), fault.remedy)
    const imageId = await imageIdentity(this.docker, image)
    return swarmSpecOf(service, { config, scope: this.scope, image, imageId, node })
  }

  #replicasOf({ id, replicable = false }: ServiceDefinition): number {
    const { settings } = readSettings(this.options.config.homeDir)
    return replicable ? Math.min(settings.replicas?.[id] ?? 1, this.mostReplicas) : 1
  }

  async #runs(service: ServiceId): Promise<boolean> {
    return (await listContainers(this.docker, this.scope, { service })).some(({ running }) => running)
  }

  /** What tasks need before they can be: network, volumes; and the way to them from this machine. */
  async #makeWay(service: ServiceDefinition, spec: SwarmSpec, replicas: number): Promise<void> {
    const { config } = this.options
    await this.inNetworkTurn(() => ensureNetwork(this.docker, this.scope, overlay(this.scope, spec.node)))
    const names = ofReplicas(spec.volumes, replicas)
    const volume = (Name: string) => ({ Name, volume: Name.slice(this.scope.project.length + 1) })
    await ensureVolumes(this.docker, this.scope, names.map(volume))
    const image = await imageRef('door', config)
    await openDoor(this.docker, service, { config, scope: this.scope, image })
  }

  /** Until a task has begun; one that ends at once is told as ended. Rejects where no task can. */
  async #untilRunning({ id }: ServiceDefinition, tell: Tell, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const begun = (await listContainers(this.docker, this.scope, { service: id })).filter(
        ({ instance }) => instance.state !== 'absent',
      )
      if (begun.some(({ running }) => running)) return
      const task = await newestTask(this.docker, this.scope, id)
      const waits = task !== null && unplaced.includes(task.state)
      // One that has ended is the task before, where the newest waits for its node.
      if (begun.length > 0 && !waits) return
      const reason = task?.reason ?? null
      if (task !== null && reason !== null) {
        if (refused.includes(task.state)) throw noTask(id, reason)
        tell(
          waits ? `its node, which takes no task (docker node ls): ${reason}` : `its task is ${task.state}: ${reason}`,
        )
      }
      await delay(lookEveryMs, undefined, { signal })
    }
  }

  async #untilUpdated({ id }: ServiceDefinition, tell: Tell, signal: AbortSignal): Promise<void> {
    let found: FoundService | null
    do {
      tell('its tasks are being replaced, one after another')
      await delay(lookEveryMs, undefined, { signal })
      found = await findService(this.docker, this.scope, id)
      // Empty until Swarm has taken the change up.
    } while (found !== null && ['', 'updating'].includes(found.update.state))
    if (found !== null && found.update.state !== 'completed') throw noTask(id, found.update.message)
  }
}

const noTask = (service: ServiceId, reason: string): DockerError =>
  new DockerError('rejected', `No task of ${service} can run: ${reason.replace(/\.$/, '')}`, 'See: docker service ps.')

/** Tasks are made of an image's id, and that of others is not known before they are pulled. */
function namedFault(services: readonly ServiceDefinition[], config: Config): PreflightFault | null {
  const [name] = namedFor(services, config)
  if (name === undefined) return null
  return {
    subject: name,
    problem: 'A swarm runs images that Aviary has built, and no others.',
    remedy: 'Take it out of images in settings.json, or run the services with the runtime docker.',
  }
}
