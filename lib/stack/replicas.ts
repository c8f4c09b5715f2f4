/** Several of one service beside each other: where that is possible, how many there are, and a change of their number. */
import type { ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { Problem } from '#lib/problem.ts'
import type { ServiceDefinition } from '#lib/runtime/definition.ts'
import type { Runtime, ServiceStats } from '#lib/runtime/runtime.ts'

/** What a measurement says of the figures that a console shows; null where nothing is known. */
export function figuresOf(
  stats: ServiceStats | null,
  { replicable = false }: ServiceDefinition,
  { mostReplicas = 1 }: Runtime,
): Pick<ServiceSnapshot, 'cpuPercent' | 'rssBytes' | 'replicas'> {
  const replicas = replicable && mostReplicas > 1 ? (stats?.replicas ?? null) : null
  return {
    cpuPercent: stats?.cpuPercent ?? null,
    rssBytes: stats?.rssBytes ?? null,
    replicas: replicas === null ? null : { ...replicas, most: mostReplicas },
  }
}

/** Why fewer than wanted is an ailment, in a sentence; null while all run. */
export function missingReplicas(stats: ServiceStats | null): string | null {
  const { wanted = 1, running = 1 } = stats?.replicas ?? {}
  return running < wanted ? `${running} of ${wanted} replicas run.` : null
}

/** Throws Problem: 409 where there is always one, 400 for a number that cannot be. */
export async function scaleService(
  runtime: Runtime,
  services: readonly ServiceDefinition[],
  id: ServiceId,
  replicas: number,
): Promise<void> {
  const definition = services.find((service) => service.id === id)
  if (runtime.scale === undefined)
    throw new Problem(409, 'What runs the services runs one of each', {
      hint: 'Only a swarm runs several: stop the stack, and start it with `aviary up --runtime swarm`.',
    })
  if (definition?.replicable !== true)
    throw new Problem(409, `There is always one ${id}`, {
      hint: `Several can be had of ${services.flatMap((each) => (each.replicable ? [each.id] : [])).join(', ')}.`,
    })
  const { mostReplicas = 1 } = runtime
  if (replicas < 1 || replicas > mostReplicas)
    throw new Problem(400, `The number of replicas must be from 1 to ${mostReplicas}`)
  await runtime.scale(definition, replicas)
}
