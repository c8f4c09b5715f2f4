/** What a swarm adds: replicas, their replacement one after another, and tasks that are started again without the console. */
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { Runs } from './runs.ts'
import { docker, TestStack, until } from './stack.ts'
import { writeTweets } from './tweets.ts'

const stack = new TestStack(inject('home'), inject('portOffset'))
let runs: Runs

beforeAll(async () => {
  const file = join(inject('home'), 'tweets-swarm.json')
  runs = new Runs(stack, file, await writeTweets(file, 20_000, 79))
})

const tasksOf = async (service: ServiceId): Promise<string[]> => {
  const filters = ['label=com.docker.compose.service', `label=com.docker.swarm.service.name`].flatMap((f) => [
    '--filter',
    f,
  ])
  const format = '{{.ID}} {{.Label "com.docker.compose.service"}}'
  const listed = (await docker('ps', '--no-trunc', ...filters, '--format', format)).trim().split('\n')
  return listed.map((line) => line.split(' ')).flatMap(([id = '', name]) => (name === service ? [id] : []))
}

const replicas = async (service: ServiceId) =>
  (await stack.status()).stack.services.find(({ id }) => id === service)?.replicas

describe('a swarm', () => {
  test('opens no port beyond loopback', async () => {
    const listed = await docker('service', 'ls', '--format', '{{.Name}} [{{.Ports}}]')
    expect(listed.split('\n').filter((line) => line.includes('aviary-') && !line.endsWith('[]'))).toEqual([])
    const open = (await docker('ps', '--filter', 'label=io.aviary.door', '--format', '{{.Ports}}')).trim()
    expect(open.split(/[\n,]/).filter((port) => port.includes('->') && !port.trim().startsWith('127.0.0.1:'))).toEqual(
      [],
    )
    expect(open).toContain('127.0.0.1:')
  })

  test.each(['connect', 'druid-historical', 'druid-middlemanager'] as const)('runs two of %s', async (service) => {
    await stack.must('scale', service, '2')
    expect(await replicas(service)).toMatchObject({ wanted: 2, running: 2 })
    await stack.healthy()
  })

  test('refuses a second one of what there is only one of', async () => {
    const { code, stderr } = await stack.run('scale', 'kafka', '2')
    expect(code).toBe(1)
    expect(stderr).toContain('There is always one kafka')
  })

  test.each([['connect', 'druid-historical'] as const, ['druid-middlemanager'] as const])(
    'replaces the replicas of %s one after another in the middle of a run, which costs nothing',
    async (...services) => {
      const before = (await Promise.all(services.map(tasksOf))).flat()
      await runs.exactThrough(async () => {
        for (const service of services) await stack.must('restart', service)
        // Without any task Druid knows no table, and the rows are asked for past the console.
        await stack.healthy()
      })
      const after = (await Promise.all(services.map(tasksOf))).flat()
      expect(after).toHaveLength(2 * services.length)
      expect(after.filter((id) => before.includes(id))).toEqual([])
    },
  )

  test('starts a task that was killed again, and a run goes on exactly', () =>
    runs.exactThrough(async () => {
      const [task = ''] = await tasksOf('connect')
      await docker('kill', '--signal', 'KILL', task)
      await until('two workers of Connect', 120, async () => ((await replicas('connect'))?.running === 2 ? true : null))
    }))

  test('ends what is too many', async () => {
    await stack.must('scale', 'connect', '1')
    await until('one worker of Connect', 300, async () => ((await tasksOf('connect')).length === 1 ? true : null))
    await runs.exactThrough(async () => {})
  })
})
