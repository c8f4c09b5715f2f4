/** One keeper for each service, those that run elsewhere among them. */
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { ServiceDefinition } from '#lib/runtime/definition.ts'
import { ExternalKeeper } from './external-keeper.ts'
import { ServiceKeeper } from './keeper.ts'
import type { Keeper } from './keeper-options.ts'
import type { StackOptions } from './options.ts'
import { stopsAfter } from './order.ts'

export function makeKeepers(
  { config, runtime, services, externals = [], log }: StackOptions,
  onChange: () => void,
): ReadonlyMap<ServiceId, Keeper> {
  const keepers = new Map<ServiceId, Keeper>()
  const keeperOf = (definition: ServiceDefinition) => {
    const ports = definition.ports.map((name) => ({ name, port: config.ports[name] }))
    const needs = () => definition.needs.flatMap((id) => keepers.get(id) ?? [])
    const dependents = stopsAfter(definition, services)
    return new ServiceKeeper({ definition, runtime, ports, needs, dependents, log, onChange })
  }
  for (const external of externals) keepers.set(external.id, new ExternalKeeper(external, onChange))
  for (const definition of services) keepers.set(definition.id, keeperOf(definition))
  return keepers
}
