/** Makes what a service needs, as far as it is not there: network, volumes, container, configuration. Every step can be repeated. */
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import type Docker from 'dockerode'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { type FoundContainer, findContainer, listContainers } from './containers.ts'
import { DockerError, hasStatus } from './errors.ts'
import { projectLabel, type Scope } from './guard/scope.ts'
import { dataDir } from './site.ts'
import { networkName, type ServiceSpec } from './spec.ts'
import { folderEntries, type TarEntry, tar } from './tar.ts'

const label = (scope: Scope) => ({ [projectLabel]: scope.project })

interface Network {
  readonly Name: string
  readonly Driver: string
  readonly Attachable?: boolean
  readonly Labels?: Readonly<Record<string, string>>
}

/** Throws DockerError (`name-taken`) where somebody else's network has the name. */
export async function ensureNetwork(
  docker: Docker,
  scope: Scope,
  network: Network = { Name: networkName(scope), Driver: 'bridge' },
): Promise<void> {
  const { Name } = network
  const isThere = async () => {
    const listed = await docker.listNetworks({ filters: { label: [scope.label], name: [Name] } })
    return listed.some((network) => network.Name === Name)
  }
  if (await isThere()) return
  const Labels = { ...label(scope), 'com.docker.compose.network': 'default', ...network.Labels }
  try {
    await docker.createNetwork({ ...network, CheckDuplicate: true, Labels })
  } catch (error) {
    if (!hasStatus(error, 409)) throw error
    // Another console may have made it at the same moment.
    if (!(await isThere())) throw taken('network', Name)
  }
}

/** With the last container: an engine has addresses for some thirty networks, so each home that left its own would use them up. */
export async function removeIdleNetwork(docker: Docker, scope: Scope, name = networkName(scope)): Promise<void> {
  const filters = { label: [scope.label] }
  if ((await docker.listContainers({ all: true, filters })).length > 0) return
  const listed = await docker.listNetworks({ filters: { ...filters, name: [name] } })
  if (listed.some((network) => network.Name === name)) await docker.getNetwork(name).remove()
}

/** Throws DockerError (`name-taken`) where somebody else's volume has the name: creating it would hand that one out. */
export async function ensureVolumes(
  docker: Docker,
  scope: Scope,
  volumes: readonly { readonly Name: string; readonly volume: string }[],
): Promise<void> {
  for (const { Name, volume } of volumes) {
    const Labels = { ...label(scope), 'com.docker.compose.volume': volume }
    await docker.createVolume({ Name, Driver: 'local', Labels })
    const { Volumes } = await docker.listVolumes({ filters: { label: [scope.label], name: [Name] } as never })
    if (!Volumes?.some((found) => found.Name === Name)) throw taken('volume', Name)
  }
}

/** A container that runs, or one of this very configuration; others of the service are removed. Null where there is none. */
export async function findUsable(
  docker: Docker,
  scope: Scope,
  service: ServiceId,
  { hash }: ServiceSpec,
): Promise<FoundContainer | null> {
  let usable: FoundContainer | null = null
  for (const found of await listContainers(docker, scope, { service })) {
    if (found.running || (found.hash === hash && usable === null)) usable = found
    else await docker.getContainer(found.id).remove({ force: true })
  }
  return usable
}

/** Its network and volumes must be there. */
export async function makeContainer(docker: Docker, service: ServiceId, spec: ServiceSpec): Promise<FoundContainer> {
  for (const [nth, owner] of spec.owners.entries()) {
    const made = await create(docker, `${spec.name}-owner-${nth}`, owner)
    await docker.getContainer(made).remove({ force: true })
  }
  const made = await create(docker, spec.name, spec.body)
  const found = await findContainer(docker, made)
  if (found === null) throw new Error(`The container of ${service} went away as soon as it was made`)
  return found
}

async function create(docker: Docker, name: string, body: ServiceSpec['body']): Promise<string> {
  try {
    const container = await docker.createContainer({ name, ...body } as Docker.ContainerCreateOptions)
    return container.id
  } catch (error) {
    if (hasStatus(error, 409)) throw taken('container', name)
    if (!hasStatus(error, 404)) throw error
    throw new DockerError('image-missing', `The image ${body.Image} is not there`, 'Build the images first.', {
      status: 404,
      cause: error,
    })
  }
}

/**
 * Fills in the configuration and starts. What was started before has been filled, and was made of this very configuration: filling it
 * again would cost the engine as much as the start itself.
 */
export async function startContainer(
  docker: Docker,
  spec: ServiceSpec,
  { id, instance }: FoundContainer,
): Promise<void> {
  const container = docker.getContainer(id)
  if (instance.state !== 'exited') await container.putArchive(Readable.from(tar(spec.conf)), { path: '/conf' })
  await container.start()
}

/**
 * Sends the files of a folder into the data folder of a running service. Of an earlier time with the same name they are replaced.
 * Resolves to their folder as the service sees it.
 */
export async function sendFolder(docker: Docker, container: FoundContainer, folder: string): Promise<string> {
  const lent = `lent/${basename(folder)}`
  const parents: TarEntry[] = ['lent', lent].map((path) => ({ path, mode: 0o755, content: null }))
  const files = await folderEntries(folder, lent)
  const path = dataDir(container.service)
  await docker.getContainer(container.id).putArchive(Readable.from(tar([...parents, ...files])), { path })
  return `${path}/${lent}`
}

function taken(kind: 'container' | 'network' | 'volume', name: string): DockerError {
  return new DockerError(
    'name-taken',
    `There is a ${kind} named ${name} that Aviary has not made`,
    `Rename or remove it, if nobody needs it (docker ${kind} rm ${name}); Aviary does not touch it.`,
    { status: 409 },
  )
}

/** Removes volumes with the ended containers that still hold them. Throws DockerError (`in-use`) when a running one does. */
export async function removeVolumes(docker: Docker, scope: Scope, names: readonly string[]): Promise<void> {
  for (const name of names) {
    for (const { id, running, service } of await listContainers(docker, scope, { volume: name })) {
      if (running)
        throw new DockerError('in-use', `${service} runs and uses ${name}`, 'Stop it before the data is deleted.')
      await docker.getContainer(id).remove({ force: true })
    }
    const { Volumes } = await docker.listVolumes({ filters: { label: [scope.label], name: [name] } as never })
    if (Volumes?.some((found) => found.Name === name)) await docker.getVolume(name).remove()
  }
}
