import { describe, expect, it } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import { serviceDefinitions } from '#lib/engines/registry.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { ServiceDefinition } from '#lib/runtime/definition.ts'
import { processSite } from '#lib/runtime/process/index.ts'
import { inStopOrder, withNeeds } from './order.ts'

const real = serviceDefinitions(processSite(loadConfig({ NODE_ENV: 'test' })))
const service = (id: ServiceId, needs: ServiceId[] = [], outlives: ServiceId[] = []) =>
  ({ ...real[0], id, needs, outlives }) as ServiceDefinition

async function stopped(services: readonly ServiceDefinition[], failing?: ServiceId): Promise<ServiceId[]> {
  const order: ServiceId[] = []
  await inStopOrder(services, async ({ id }) => {
    await new Promise((resolve) => setImmediate(resolve))
    if (id === failing) throw new Error(`${id} does not stop`)
    order.push(id)
  }).catch((error: Error) => order.push(error.message as ServiceId))
  return order
}

describe('the order of services', () => {
  it('adds what a service needs, and what that needs', () => {
    const all = [
      service('zookeeper'),
      service('druid-coordinator', ['zookeeper']),
      service('druid-broker', ['druid-coordinator']),
    ]
    expect(withNeeds(['druid-broker'], all).map(({ id }) => id)).toEqual([
      'zookeeper',
      'druid-coordinator',
      'druid-broker',
    ])
    expect(withNeeds(['zookeeper'], all).map(({ id }) => id)).toEqual(['zookeeper'])
    expect(() => withNeeds(['kafka'], all)).toThrow(/no service kafka/)
  })

  it('brings ZooKeeper along with Druid, and Kafka with Connect, and nothing that they can do without', () => {
    const ids = (id: ServiceId) => withNeeds([id], real).map((found) => found.id)
    expect(ids('druid-coordinator')).toEqual(['zookeeper', 'druid-coordinator'])
    expect(ids('connect')).toEqual(['kafka', 'connect'])
    expect(ids('superset')).toEqual(['superset'])
  })

  it('stops what is needed after what needs it', async () => {
    expect(await stopped([service('zookeeper'), service('druid-broker', ['zookeeper'])])).toEqual([
      'druid-broker',
      'zookeeper',
    ])
  })

  it('stops ZooKeeper after all of Druid, and Kafka after those who write to it', async () => {
    const order = await stopped(real)
    expect(order).toHaveLength(real.length)
    const last = (id: string) => order.indexOf(id as ServiceId)
    for (const id of order.filter((other) => other.startsWith('druid-')))
      expect(last('zookeeper')).toBeGreaterThan(last(id))
    expect(last('kafka')).toBeGreaterThan(last('connect'))
    expect(last('mosquitto')).toBeGreaterThan(last('connect'))
  })

  it('leaves running what a service still needs that does not stop', async () => {
    const all = [service('zookeeper'), service('kafka'), service('druid-broker', ['zookeeper'])]
    expect(await stopped(all, 'druid-broker')).toEqual(['kafka', 'druid-broker does not stop'])
  })
})
