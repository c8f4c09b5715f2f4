/** The guard at the wire: what is on the list arrives as it was meant, and each temptation is refused by its rule. */
import type Docker from 'dockerode'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openDocker } from '../engine.ts'
import { type FakeEngine, startFakeEngine } from '../testing/fake-engine.ts'
import { scopeOf } from './scope.ts'
import { refused } from './testing/refusals.ts'
import { goodContainer, ids, project, type Sample, samples, things } from './testing/samples.ts'
import { swarmRefused } from './testing/swarm-samples.ts'

let engine: FakeEngine
let docker: Docker
beforeAll(async () => {
  engine = await startFakeEngine(things)
})
beforeEach(() => {
  docker = openDocker(engine.address, scopeOf(project, ['apache/kafka:4.3.1']))
  engine.arrived.length = 0
})
afterAll(() => engine.close())

function send({ method, path, query, body, archive }: Sample): Promise<unknown> {
  const options = { _query: query, _body: body }
  const file = archive ? Buffer.from('tar') : undefined
  return new Promise((resolve, reject) => {
    docker.modem.dial({ method, path, options, file, statusCodes: { 200: true } }, (error: unknown, result: unknown) =>
      error ? reject(error) : resolve(result),
    )
  })
}

/** Without the guard's own questions about ownership. */
const arrivedAtLast = () => engine.arrived.at(-1)

describe('what is on the list', () => {
  it.each(samples.map((sample) => [`${sample.method} ${sample.path}`, sample] as const))(
    '%s arrives',
    async (_, sample) => {
      await send(sample)
      const { method, url, body } = arrivedAtLast()!
      expect(`${method} ${url.split('?')[0]}`).toBe(`${sample.method} ${sample.path}`)
      if (sample.body !== undefined) expect(JSON.parse(body)).toEqual(sample.body)
      if (sample.archive) expect(body).toBe('tar')
    },
  )

  it('goes through dockerode in its ordinary form', async () => {
    await docker.createContainer({
      name: 'birds-kafka-1',
      ...structuredClone(goodContainer),
    } as Docker.ContainerCreateOptions)
    expect(arrivedAtLast()).toMatchObject({ method: 'POST', url: '/containers/create?name=birds-kafka-1' })
    await docker.getContainer(ids.own).stop({ t: 3 })
    expect(arrivedAtLast()).toEqual({ method: 'POST', url: `/containers/${ids.own}/stop?t=3`, body: '' })
  })
})

describe('what is not', () => {
  it.each([...refused, ...swarmRefused])('%s is refused', async (_, request, rule) => {
    await expect(send(request)).rejects.toMatchObject({ name: 'GuardError', rule })
    expect(engine.arrived.filter(({ url }) => !url.includes(encodeURIComponent('"label"')))).toEqual([])
  })

  it('is refused as a hijacked connection', async () => {
    await expect(
      docker.getContainer(ids.own).attach({ stream: true, hijack: true, stdin: true }),
    ).rejects.toMatchObject({
      rule: 'hijacked connections',
    })
    expect(engine.arrived).toEqual([])
  })

  it('stays refused when the environment names another engine', async () => {
    process.env.DOCKER_HOST = 'tcp://127.0.0.1:1'
    try {
      await openDocker(engine.address, scopeOf(project)).ping()
      expect(arrivedAtLast()?.url).toBe('/_ping')
    } finally {
      delete process.env.DOCKER_HOST
    }
  })
})
