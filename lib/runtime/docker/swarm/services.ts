/** The project's services and secrets in the swarm, asked of it: nothing about them is remembered. */
import type Docker from 'dockerode'
import { z } from 'zod'
import type { PreflightFault } from '#lib/pipeline/snapshot.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { DockerError, hasStatus } from '../errors.ts'
import { projectLabel, type Scope, serviceLabel } from '../guard/scope.ts'
import type { ServiceBody } from '../guard/swarm.ts'
import { hashLabel } from '../spec.ts'
import { type SwarmSpec, swarmName } from './spec.ts'

const Info = z.looseObject({
  Swarm: z.looseObject({ NodeID: z.string(), LocalNodeState: z.string(), ControlAvailable: z.boolean() }),
})

export const subject = 'Docker Swarm'
const initialise = 'docker swarm init --advertise-addr 127.0.0.1'

/** Why this engine cannot be asked for services; null when it can. Rejects as the engine does. */
export async function swarmFault(docker: Docker): Promise<PreflightFault | null> {
  const { LocalNodeState, ControlAvailable } = Info.parse(await docker.info()).Swarm
  if (LocalNodeState !== 'active')
    return {
      subject,
      problem: 'The engine is not part of a swarm.',
      remedy: `Make it one of a single node: ${initialise} (docker swarm leave --force ends it).`,
    }
  if (!ControlAvailable)
    return {
      subject,
      problem: 'The engine is a worker of its swarm, and only managers can be asked for services.',
      remedy: 'Choose the engine of a manager with DOCKER_HOST, on this machine.',
    }
  return null
}

export async function nodeOf(docker: Docker): Promise<string> {
  return Info.parse(await docker.info()).Swarm.NodeID
}

/** By what the engine calls an image of this name. Rejects with DockerError (`image-missing`). */
export async function imageIdentity(docker: Docker, ref: string): Promise<string> {
  try {
    return (await docker.getImage(ref).inspect()).Id
  } catch (error) {
    if (!hasStatus(error, 404)) throw error
    throw new DockerError('image-missing', `The image ${ref} is not there`, 'Build the images first.', { status: 404 })
  }
}

const Service = z.looseObject({
  ID: z.string(),
  Version: z.looseObject({ Index: z.number() }),
  Spec: z.looseObject({
    Name: z.string(),
    Labels: z.record(z.string(), z.string()),
    Mode: z.looseObject({ Replicated: z.looseObject({ Replicas: z.number().default(0) }) }),
    TaskTemplate: z.looseObject({ ForceUpdate: z.number().default(0) }),
  }),
  UpdateStatus: z.looseObject({ State: z.string().default(''), Message: z.string().default('') }).nullish(),
})

export interface FoundService {
  readonly id: string
  readonly version: number
  readonly hash: string | null
  readonly replicas: number
  readonly forceUpdate: number
  /** Of the last update: `updating`, `completed`, `paused` ...; empty where there was none. */
  readonly update: { readonly state: string; readonly message: string }
}

/** null when there is none. */
export async function findService(docker: Docker, scope: Scope, service: ServiceId): Promise<FoundService | null> {
  const Name = swarmName(scope, service)
  const listed = await docker.listServices({ filters: { label: [scope.label], name: [Name] } })
  // The engine takes the beginning of a name for the name.
  const raw = listed.find((each) => each.Spec?.Name === Name)
  if (raw === undefined) return null
  const { ID, Version, Spec, UpdateStatus } = Service.parse(raw)
  return {
    id: ID,
    version: Version.Index,
    hash: Spec.Labels[hashLabel] ?? null,
    replicas: Spec.Mode.Replicated.Replicas,
    forceUpdate: Spec.TaskTemplate.ForceUpdate,
    update: { state: UpdateStatus?.State ?? '', message: UpdateStatus?.Message ?? '' },
  }
}

const Task = z.looseObject({
  CreatedAt: z.string(),
  DesiredState: z.string(),
  Labels: z.record(z.string(), z.string()).nullish(),
  Spec: z.looseObject({
    ContainerSpec: z.looseObject({ Labels: z.record(z.string(), z.string()).nullish() }).optional(),
  }),
  Status: z.looseObject({ State: z.string(), Err: z.string().optional() }),
})

/** What the newest task of a service says of itself: its state, and why it does not run. */
export async function newestTask(docker: Docker, scope: Scope, service: ServiceId) {
  const tasks = z.array(Task).parse(await docker.listTasks({ filters: { label: [scope.label] } }))
  const own = tasks.filter(({ Spec }) => Spec.ContainerSpec?.Labels?.[serviceLabel] === service)
  const [newest] = own.sort((a, b) => (a.CreatedAt < b.CreatedAt ? 1 : -1))
  return newest === undefined ? null : { state: newest.Status.State, reason: newest.Status.Err ?? null }
}

/** Of another name for each content, since none can be changed. Resolves to its id. */
async function ensureSecret(docker: Docker, scope: Scope, service: ServiceId, secret: SwarmSpec['secret']) {
  const found = (await secretsOf(docker, scope, service)).find(({ name }) => name === secret.name)
  if (found !== undefined) return found.id
  const body = {
    Name: secret.name,
    Labels: { [projectLabel]: scope.project, [serviceLabel]: service },
    Data: Buffer.from(secret.content).toString('base64'),
  }
  try {
    return (await docker.createSecret({ _query: {}, _body: body } as never)).id as string
  } catch (error) {
    if (!hasStatus(error, 409)) throw error
    throw new DockerError(
      'name-taken',
      `There is a secret named ${secret.name} that Aviary has not made`,
      `Remove it, if nobody needs it (docker secret rm ${secret.name}); Aviary does not touch it.`,
      { status: 409 },
    )
  }
}

const Secret = z.looseObject({ ID: z.string(), Spec: z.looseObject({ Name: z.string() }) })

async function secretsOf(docker: Docker, scope: Scope, service: ServiceId) {
  const label = [scope.label, `${serviceLabel}=${service}`]
  const listed = z.array(Secret).parse(await docker.listSecrets({ filters: { label } as never }))
  return listed.map(({ ID, Spec }) => ({ id: ID, name: Spec.Name }))
}

/** All but the one that is in use; null removes all. One that a task still has stays until the next time. */
export async function removeSecrets(docker: Docker, scope: Scope, service: ServiceId, used: string | null) {
  for (const { id, name } of await secretsOf(docker, scope, service)) {
    if (name === used) continue
    await docker
      .getSecret(id)
      .remove()
      .catch((error: unknown) => {
        if (!hasStatus(error, 400, 404, 409)) throw error
      })
  }
}

export interface PutOptions {
  readonly found: FoundService | null
  readonly replicas: number
  /** Tasks are replaced even where nothing has changed. */
  readonly force: boolean
}

/** Makes the service, or changes it into what it is to be. */
export async function putService(
  docker: Docker,
  scope: Scope,
  service: ServiceId,
  spec: SwarmSpec,
  { found, replicas, force }: PutOptions,
): Promise<void> {
  const secret = await ensureSecret(docker, scope, service, spec.secret)
  const forceUpdate = (found?.forceUpdate ?? 0) + (force ? 1 : 0)
  const _body: ServiceBody = spec.body(secret, { replicas, forceUpdate })
  if (found === null) await docker.createService({ _query: {}, _body } as never)
  else await docker.getService(found.id).update({ _query: { version: found.version }, _body } as never)
}

export async function removeService(docker: Docker, scope: Scope, service: ServiceId): Promise<void> {
  const found = await findService(docker, scope, service)
  if (found === null) return
  await docker
    .getService(found.id)
    .remove()
    .catch((error: unknown) => {
      if (!hasStatus(error, 404)) throw error
    })
}
