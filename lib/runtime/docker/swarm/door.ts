/**
 * The way from ports of this machine into the swarm. Swarm itself opens a port on every address of every node, and the engines have no
 * accounts; so before each service stands a small container that is no task, on the same network, with its ports on loopback alone.
 */
import { createHash } from 'node:crypto'
import type Docker from 'dockerode'
import type { Config } from '#lib/config.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { ServiceDefinition } from '../../definition.ts'
import { hasStatus } from '../errors.ts'
import type { ContainerBody } from '../guard/bodies.ts'
import { projectLabel, type Scope } from '../guard/scope.ts'
import { published } from '../site.ts'
import { hashLabel, portsOf } from '../spec.ts'
import { overlayName } from './spec.ts'

const doorLabel = 'io.aviary.door'
const memoryBytes = 64 << 20
/** As many replicas as it can lead to. */
const mostTasks = 20

/** Addresses are asked every second, because each task has another; connections last as long as both sides want. */
const settings = (service: ServiceId, ports: readonly number[]): string => `global
  maxconn 1000
  nbthread 1
defaults
  mode tcp
  balance leastconn
  option redispatch
  option clitcpka
  option srvtcpka
  timeout connect 2s
  timeout client 24d
  timeout server 24d
resolvers swarm
  nameserver docker 127.0.0.11:53
  resolve_retries 2
  timeout resolve 1s
  timeout retry 1s
  hold valid 1s
  hold nx 1s
  hold obsolete 0s
${ports
  .map(
    (port) => `listen port-${port}
  bind :${port}
  server-template task 1-${mostTasks} ${service}:${port} resolvers swarm init-addr none
`,
  )
  .join('')}`

function bodyOf(service: ServiceDefinition, { config, scope, image }: DoorContext): ContainerBody {
  const { id } = service
  const inner = service.ports.map((name) => published[name])
  const bindings = portsOf(service, config)
  const network = overlayName(scope)
  const plain = {
    Image: image,
    Hostname: `${id}-door`,
    Entrypoint: [],
    Cmd: ['sh', '-c', `cat > /tmp/door.cfg <<'EOF'\n${settings(id, inner)}EOF\nexec haproxy -db -f /tmp/door.cfg`],
    Env: [],
    WorkingDir: '/conf' as const,
    StopSignal: 'SIGTERM' as const,
    ExposedPorts: Object.fromEntries(Object.keys(bindings).map((port) => [port, {}])),
    HostConfig: {
      NetworkMode: network,
      Mounts: [],
      RestartPolicy: { Name: 'unless-stopped' as const },
      Memory: memoryBytes,
      MemorySwap: memoryBytes,
      PidsLimit: 100,
      PortBindings: bindings,
      ReadonlyRootfs: true as const,
      CapDrop: ['ALL'] as ['ALL'],
      SecurityOpt: ['no-new-privileges'] as ['no-new-privileges'],
      Tmpfs: { '/tmp': 'rw,noexec,nosuid,nodev,size=1m,mode=1777' },
      LogConfig: { Type: 'json-file' as const, Config: { 'max-size': '1m', 'max-file': '2' } },
    },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [`${id}-door`] } } },
  }
  const hash = createHash('sha256').update(JSON.stringify(plain)).digest('hex')
  return { ...plain, Labels: { [projectLabel]: scope.project, [doorLabel]: id, [hashLabel]: hash } }
}

export interface DoorContext {
  readonly config: Config
  readonly scope: Scope
  /** Image with tag that holds HAProxy. */
  readonly image: string
}

const listDoors = (docker: Docker, scope: Scope, service: ServiceId) =>
  docker.listContainers({ all: true, filters: { label: [scope.label, `${doorLabel}=${service}`] } })

/** Opens the ports; those that are open already stay so. Rejects with DockerError (`port-taken`), and then leaves nothing. */
export async function openDoor(docker: Docker, service: ServiceDefinition, context: DoorContext): Promise<void> {
  const body = bodyOf(service, context)
  for (const { Id, State, Labels } of await listDoors(docker, context.scope, service.id)) {
    if (State === 'running' && Labels[hashLabel] === body.Labels[hashLabel]) return
    await docker.getContainer(Id).remove({ force: true })
  }
  const name = `${context.scope.project}-${service.id}-door`
  const made = await docker.createContainer({ name, ...body } as Docker.ContainerCreateOptions)
  try {
    await made.start()
  } catch (error) {
    await made.remove({ force: true }).catch(() => {})
    throw error
  }
}

export async function closeDoor(docker: Docker, scope: Scope, service: ServiceId): Promise<void> {
  for (const { Id } of await listDoors(docker, scope, service))
    await docker
      .getContainer(Id)
      .remove({ force: true })
      .catch((error: unknown) => {
        if (!hasStatus(error, 404, 409)) throw error
      })
}
