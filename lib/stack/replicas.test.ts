import { describe, expect, it } from 'vitest'
import type { ServiceDefinition } from '#lib/runtime/definition.ts'
import type { Runtime } from '#lib/runtime/runtime.ts'
import { figuresOf, missingReplicas, scaleService } from './replicas.ts'

const connect = { id: 'connect', replicable: true } as ServiceDefinition
const kafka = { id: 'kafka' } as ServiceDefinition
const stats = { cpuPercent: 1, rssBytes: 2, replicas: { wanted: 3, running: 2 } }
const asked: unknown[] = []
const swarm = {
  mostReplicas: 4,
  scale: async ({ id }: ServiceDefinition, replicas: number) => void asked.push([id, replicas]),
} as unknown as Runtime
const process = {} as Runtime

describe('the number of replicas', () => {
  it.each([
    ['where each service is one', process, 'connect', 2, 409],
    ['of a service of which there is always one', swarm, 'kafka', 2, 409],
    ['below one', swarm, 'connect', 0, 400],
    ['beyond what there can be', swarm, 'connect', 5, 400],
  ] as const)('cannot be changed %s', async (_, runtime, id, replicas, status) => {
    await expect(scaleService(runtime, [connect, kafka], id, replicas)).rejects.toMatchObject({ status })
    expect(asked).toEqual([])
  })

  it('is changed otherwise', async () => {
    await scaleService(swarm, [connect, kafka], 'connect', 4)
    expect(asked).toEqual([['connect', 4]])
  })

  it('is shown where it can be changed, and fewer than wanted are an ailment', () => {
    expect(figuresOf(stats, connect, swarm).replicas).toEqual({ wanted: 3, running: 2, most: 4 })
    expect(figuresOf(stats, kafka, swarm).replicas).toBeNull()
    expect(figuresOf(stats, connect, process).replicas).toBeNull()
    expect(missingReplicas(stats)).toBe('2 of 3 replicas run.')
    expect(missingReplicas({ cpuPercent: 1, rssBytes: 2 })).toBeNull()
  })
})
