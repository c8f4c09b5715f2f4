/** Turns a definition into what a swarm is asked for: a service, and a secret that holds its configuration. */
import { createHash } from 'node:crypto'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { ServiceDefinition } from '../../definition.ts'
import { archivesVolume, graceMsOf } from '../archives.ts'
import { confScript } from '../conf-script.ts'
import { madeFromLabel } from '../containers.ts'
import { projectLabel, type Scope, serviceLabel } from '../guard/scope.ts'
import { type ServiceBody, slot } from '../guard/swarm.ts'
import { question } from '../health-check.ts'
import { confDir, dataDir } from '../site.ts'
import { confVolume, dataVolume, hashLabel, type SpecContext, specOf } from '../spec.ts'
import { launcherDir, swarmConfDir } from './site.ts'

export interface SwarmSpec {
  readonly name: string
  readonly hash: string
  /** Where its tasks run. */
  readonly node: string
  /** Of the replicas from 1 to `replicas` too. */
  readonly volumes: readonly string[]
  readonly secret: { readonly name: string; readonly content: string }
  body(secretId: string, options: BodyOptions): ServiceBody
}

export interface BodyOptions {
  readonly replicas: number
  /** Another number than before replaces all tasks, whatever else has changed. */
  readonly forceUpdate: number
}

export interface SwarmContext extends SpecContext {
  /** Of the image, which the engine then asks no registry for. */
  readonly imageId: string
  /** Node of the engine that is asked: the volumes are there, and the images. */
  readonly node: string
}

export const overlayName = ({ project }: Scope): string => `${project}_swarm`
export const swarmName = (scope: Scope, service: ServiceId): string => dataVolume(scope, service)

const second = 1_000_000_000
const confBytes = 16 << 20
/** Engines end a task that is not well for so many questions: two minutes, as busy machines need. */
const retries = 24

/** In the data volume of a service; the name is none that an engine gives to a file there. */
const lockFile = '.aviary-lock'

/**
 * Sources the configuration, which is a script of a secret, and turns into the command that follows; not before the task that had the
 * data ends. Swarm waits for that no more than a minute (swarmkit, `defaultOldTaskTimeout`), and services may take longer to stop. The lock is
 * the kernel's, of the file behind descriptor 9, and goes with the last process of the container. The first process of a container dies of
 * no signal by itself: hence the trap.
 */
const command = (id: ServiceId) => [
  'sh',
  '-c',
  `cd ${swarmConfDir} && . /run/secrets/conf && exec 9>>${dataDir(id)}/${lockFile} || exit
if ! flock -n 9
then
  echo 'The task before this one still runs on the same data: waiting for its end.' >&2
  trap 'exit 143' TERM
  flock 9 & wait $! || exit
fi
exec "$@"`,
  'conf',
]

/** Throws when a template and its values do not match, or when the definition cannot run in a container. */
export async function swarmSpecOf(service: ServiceDefinition, context: SwarmContext): Promise<SwarmSpec> {
  const { scope } = context
  const { id } = service
  const { body: container, conf } = await specOf(service, context)
  const marks = /@@(HOSTNAME)@@/g
  const content = confScript({ conf, marks, variableOf: (name) => name, launcherDir })
  const digest = (text: string) => createHash('sha256').update(text).digest('hex')
  const secret = { name: `${confVolume(scope, id)}-${digest(content).slice(0, 16)}`, content }
  const labels = { [projectLabel]: scope.project, [serviceLabel]: id }
  const task = taskOf(service, context, container)
  const hash = digest(JSON.stringify([task, secret.name]))
  return {
    ...{ name: swarmName(scope, id), hash, node: context.node, secret },
    volumes: task.ContainerSpec.Mounts.flatMap((mount) => ('Source' in mount ? [mount.Source] : [])),
    body: (SecretID, { replicas, forceUpdate }) => ({
      Name: swarmName(scope, id),
      Labels: { ...labels, [hashLabel]: hash },
      TaskTemplate: {
        ...task,
        ContainerSpec: {
          ...task.ContainerSpec,
          Secrets: [
            { File: { Name: 'conf', UID: '1000', GID: '1000', Mode: 0o400 }, SecretID, SecretName: secret.name },
          ],
        },
        ForceUpdate: forceUpdate,
      },
      Mode: { Replicated: { Replicas: replicas } },
      // One after another, and never two on the same data.
      UpdateConfig: { Parallelism: 1, Order: 'stop-first', FailureAction: 'pause', Monitor: 2 * second },
      EndpointSpec: { Mode: 'dnsrr' },
    }),
  }
}

type Task = Omit<ServiceBody['TaskTemplate'], 'ForceUpdate' | 'ContainerSpec'> & {
  readonly ContainerSpec: Omit<ServiceBody['TaskTemplate']['ContainerSpec'], 'Secrets'>
}

function taskOf(service: ServiceDefinition, context: SwarmContext, container: Container): Task {
  const { scope, node, image, imageId } = context
  const { id, replicable = false } = service
  const { HostConfig, Cmd, Env, StopSignal } = container
  return {
    ContainerSpec: {
      Image: imageId,
      Labels: { [projectLabel]: scope.project, [serviceLabel]: id, [madeFromLabel]: image },
      Command: command(id),
      Args: Cmd,
      Hostname: replicable ? `${id}${slot}` : id,
      Env,
      StopSignal,
      StopGracePeriod: graceMsOf(service) * 1_000_000,
      ReadOnly: true,
      CapabilityDrop: ['ALL'],
      Privileges: { NoNewPrivileges: true },
      Mounts: mountsOf(service, scope, HostConfig.Mounts),
      ...(replicable ? { Healthcheck: healthcheck(service) } : {}),
    },
    Resources: { Limits: { MemoryBytes: HostConfig.Memory, Pids: HostConfig.PidsLimit } },
    RestartPolicy: { Condition: 'any', Delay: second },
    Placement: { Constraints: [`node.id==${node}`] },
    Networks: [{ Target: overlayName(scope), Aliases: [id] }],
    LogDriver: { Name: 'json-file', Options: HostConfig.LogConfig.Config },
  }
}

type Container = Awaited<ReturnType<typeof specOf>>['body']

function mountsOf(
  { id, replicable = false }: ServiceDefinition,
  scope: Scope,
  mounts: Container['HostConfig']['Mounts'],
): Task['ContainerSpec']['Mounts'] {
  // Each replica has its own.
  const own = [dataVolume(scope, id), archivesVolume(scope, id)]
  const VolumeOptions = { Labels: { [projectLabel]: scope.project } }
  const data = mounts
    .filter(({ Target }) => Target !== confDir)
    .map(({ Source, Target }) => ({
      Type: 'volume' as const,
      Source: replicable && own.includes(Source) ? `${Source}${slot}` : Source,
      Target,
      VolumeOptions,
    }))
  return [
    { Type: 'tmpfs', Target: swarmConfDir, TmpfsOptions: { SizeBytes: confBytes, Mode: 0o1777 } },
    { Type: 'volume', Target: '/tmp' },
    ...data,
  ]
}

/** Of replicas alone: one is replaced after another is well. Names lead to a task only once it is. */
const healthcheck = ({ health }: ServiceDefinition) => ({
  Test: ['CMD', 'bash', '-c', question('$HOSTNAME', health)] as ['CMD', 'bash', '-c', string],
  Interval: 5 * second,
  Timeout: 5 * second,
  StartPeriod: 120 * second,
  Retries: retries,
})
