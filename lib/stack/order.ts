/** Who must be there first, and who must be gone first: read from the definitions' `needs` and `outlives`. */
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { ServiceDefinition } from '#lib/runtime/definition.ts'

/** The services and all of their needs that are defined: others run elsewhere. In the order of the definitions. Throws for a wanted one that is not. */
export function withNeeds(wanted: readonly ServiceId[], all: readonly ServiceDefinition[]): ServiceDefinition[] {
  const byId = new Map(all.map((service) => [service.id, service]))
  const found = new Set<ServiceId>()
  const add = (id: ServiceId) => {
    const service = byId.get(id)
    if (service === undefined) throw new Error(`There is no service ${id}`)
    if (found.has(id)) return
    found.add(id)
    for (const need of service.needs) if (byId.has(need)) add(need)
  }
  wanted.forEach(add)
  return all.filter((service) => found.has(service.id))
}

/** Services that must be gone before this one is stopped. */
export function stopsAfter(service: ServiceDefinition, all: readonly ServiceDefinition[]): ServiceId[] {
  const dependents = all.filter((other) => other.needs.includes(service.id)).map((other) => other.id)
  return [...new Set([...dependents, ...service.outlives])]
}

/** Runs `stop` for each service, in parallel as far as the order allows. A failure stops those that wait for it, and is thrown at the end. */
export async function inStopOrder(
  services: readonly ServiceDefinition[],
  stop: (service: ServiceDefinition) => Promise<void>,
): Promise<void> {
  const stopped = new Map<ServiceId, Promise<void>>()
  const begin = (service: ServiceDefinition): Promise<void> => {
    const under = stopped.get(service.id)
    if (under !== undefined) return under
    const gone = async () => {
      const before = services.filter((other) => stopsAfter(service, services).includes(other.id))
      await Promise.all(before.map(begin))
      await stop(service)
    }
    const mine = Promise.resolve().then(gone)
    stopped.set(service.id, mine)
    return mine
  }
  const results = await Promise.allSettled(services.map(begin))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
