import { describe, expect, it } from 'vitest'
import { nothingExternal } from '#lib/external.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { isReady, notReady } from '#lib/runtime/ask.ts'
import type { ExternalService } from '#lib/runtime/definition.ts'
import type { Instance } from '#lib/runtime/runtime.ts'
import { ExternalKeeper, everOurs, leftRunning, requireOwn, usedBy } from './external-keeper.ts'
import { otherKafka } from './kafka-before.ts'

let up = false
const external: ExternalService = {
  ...{ id: 'kafka', engine: 'kafka', address: 'a:9093', users: ['connect'], insteadOf: ['kafka'] },
  ready: async () => (up ? isReady('DescribeCluster', 'cluster') : notReady('a:9093 refused access', 'x', null)),
}

describe('a service that runs elsewhere', () => {
  it('is asked, with the reason why it cannot be used, and never stopped', async () => {
    const keeper = new ExternalKeeper(external, () => {})
    await keeper.check()
    expect(keeper.snapshot()).toMatchObject({
      ...{ phase: 'failed', runtime: 'external', address: 'a:9093', handle: null },
      status: { state: 'down', reason: 'a:9093 refused access.' },
    })
    up = true
    await keeper.whenReady(AbortSignal.timeout(5_000))
    expect(keeper.snapshot()).toMatchObject({ phase: 'ready', status: { state: 'up', reason: null } })
    await expect(keeper.stop()).rejects.toThrow('Aviary does not run kafka')
    expect(() => requireOwn(['kafka'], [external])).toThrow('it is at a:9093')
    expect(() => requireOwn(['connect'], [external])).not.toThrow()
  })

  it('stands for all services of its engine', () => {
    const druid: ExternalService = {
      ...{ id: 'druid-router', engine: 'druid', address: 'https://druid', users: ['superset'] },
      insteadOf: ['zookeeper', 'druid-broker', 'druid-router'],
      ready: async () => isReady('GET', 'version'),
    }
    expect(() => requireOwn(['druid-broker'], [druid])).toThrow(
      'Aviary does not run druid-broker: it is at https://druid',
    )
    expect(everOurs({ services: [], externals: [druid, external] })).toEqual([...druid.insteadOf, 'kafka'])
    const instance = (service: ServiceId, state: 'running' | 'exited') =>
      [service, { service, state } as Instance] as const
    expect(leftRunning([druid], new Map([instance('zookeeper', 'exited'), instance('kafka', 'running')]))).toEqual([])
    expect(
      leftRunning([druid], new Map([instance('zookeeper', 'running'), instance('druid-broker', 'running')])),
    ).toEqual([
      expect.objectContaining({
        subject: 'zookeeper, druid-broker',
        remedy: expect.stringContaining('external.druid'),
      }),
    ])
  })

  it('is needed by its users alone', () => {
    expect(usedBy(['hive'], [external])).toEqual([])
    expect(usedBy(['connect'], [external])).toEqual([external])
  })
})

describe('another Kafka than before', () => {
  const at = (...brokers: string[]) => ({ external: { ...nothingExternal, kafka: { brokers, tls: null, sasl: null } } })
  const own = { external: nothingExternal }
  it.each([
    ['nothing was kept', null, null, at('a:1'), 0],
    ['the same', ['a:1', 'b:1'], 'process', at('b:1', 'c:1'), 0],
    ['ours again', [], 'process', own, 0],
    ['another', ['a:1'], 'process', at('c:1'), 1],
    ['ours instead', ['a:1'], 'process', own, 1],
    ['data from before there was a choice', null, 'process', at('a:1'), 1],
  ] as const)('is refused while offsets of the former are kept: %s', (_, kafka, runtime, config, faults) => {
    expect(otherKafka({ kafka: kafka === null ? null : [...kafka], runtime }, config)).toHaveLength(faults)
  })
})
