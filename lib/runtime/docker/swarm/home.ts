/**
 * Which node of a swarm has the data of the stack. Volumes are those of one node, and any manager can be asked for services: asked by way of
 * another, Swarm would begin them there, with nothing in their volumes.
 */
import type Docker from 'dockerode'
import { z } from 'zod'
import type { PreflightFault } from '#lib/pipeline/snapshot.ts'
import type { Scope } from '../guard/scope.ts'
import { subject } from './services.ts'
import { overlayName } from './spec.ts'

/** Of the network, which a stop leaves and a purge takes away, as with the data. */
const nodeLabel = 'io.aviary.node'

/** For `ensureNetwork`: containers that are no tasks may join it, since doors must. */
export const overlay = (scope: Scope, node: string) => ({
  ...{ Name: overlayName(scope), Driver: 'overlay', Attachable: true },
  Labels: { [nodeLabel]: node },
})

const Placed = z.looseObject({
  Spec: z.looseObject({
    TaskTemplate: z.looseObject({ Placement: z.looseObject({ Constraints: z.array(z.string()).nullish() }).nullish() }),
  }),
})

/** Id of the node; null where no data is known of. */
async function homeOf(docker: Docker, scope: Scope): Promise<string | null> {
  const Name = overlayName(scope)
  const label = [scope.label]
  // Services always, since managers without a leader refuse to list them.
  const [networks, services] = await Promise.all([
    docker.listNetworks({ filters: { label, name: [Name] } }),
    docker.listServices({ filters: { label } }).then((listed) => z.array(Placed).parse(listed)),
  ])
  const known = networks.find((network) => network.Name === Name)?.Labels?.[nodeLabel]
  if (known !== undefined) return known
  // Networks that earlier versions made say nothing.
  const constraints = services.flatMap(({ Spec }) => Spec.TaskTemplate.Placement?.Constraints ?? [])
  return constraints.map((each) => /^node\.id==(\w+)$/.exec(each)?.[1]).find((id) => id !== undefined) ?? null
}

/** Why services may not be started by way of the engine of `node`; null where they may. */
export async function elsewhere(docker: Docker, scope: Scope, node: string): Promise<PreflightFault | null> {
  const home = await homeOf(docker, scope)
  if (home === null || home === node) return null
  const network = overlayName(scope)
  return {
    subject,
    problem: `The data of this stack is on the node ${home} of the swarm, and this engine is that of another.`,
    remedy: `Choose the engine of that node with DOCKER_HOST (docker node ls). If it is gone for good: docker node demote and docker node rm --force take it out of the swarm; then aviary down, docker network rm ${network}, and a start begins without its data.`,
  }
}
