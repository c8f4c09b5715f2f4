/** Exactly once from the file to the Druid row: undisturbed, and with every part of the line killed in the middle. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { Runs } from './runs.ts'
import { processesOf, TestStack, until } from './stack.ts'
import { writeTweets } from './tweets.ts'

const count = 20_000
const stack = new TestStack(inject('home'), inject('portOffset'))
const file = join(inject('home'), 'tweets-20000.json')
let runs: Runs

beforeAll(async () => {
  runs = new Runs(stack, file, await writeTweets(file, count, 42))
})

test('20,000 tweets arrive exactly once, ids and texts to the byte', async () => {
  const run = await runs.start('max')
  await runs.expectExact(run)
  const ledger = await stack.ledger(run)
  for (const value of Object.values(ledger.hops.mqtt)) expect(value).toBeGreaterThanOrEqual(0)
})

describe('a kill -9 in the middle costs nothing and needs no hand', () => {
  test.each(['mosquitto', 'kafka', 'connect', 'druid-middlemanager'] as const)('%s', (service) =>
    runs.exactThrough(() => stack.kill(service)),
  )

  test('kafka, away for longer than a transaction may last', () =>
    runs.exactThrough(async () => {
      await stack.kill('kafka')
      await stack.act('stop', 'kafka')
      const killedAt = Date.now()
      // 10 s, as the connector sets it: Kafka rolls the transaction back while it waits for its own old session to end.
      await until('the transaction to be overdue', 30, async () => (Date.now() - killedAt > 12_000 ? true : null))
      await stack.act('start', 'kafka')
    }))

  test('mosquitto with a backlog, while the connector is down', () =>
    // Slow enough that much of it is still to come when both have been killed.
    runs.exactThrough(async (run) => {
      await stack.kill('connect')
      const { sent } = await runs.progress(run)
      const further = async () => ((await runs.progress(run)).sent > sent + 500 ? true : null)
      await until('a backlog in mosquitto', 120, further)
      await stack.kill('mosquitto')
    }, '1000'))

  test('the Druid peon', () => runs.exactThrough(() => stack.killPeons()))

  test('the replay process', () =>
    runs.exactThrough(async (run) => {
      const replays = await processesOf(inject('home'), 'lib/replay/main.ts', run)
      expect(replays.length).toBe(1)
      for (const pid of replays) process.kill(pid, 'SIGKILL')
    }, '1000'))

  test('the console', () =>
    runs.exactThrough(async () => {
      const consoles = await processesOf(inject('home'), 'server.ts')
      expect(consoles.length).toBe(1)
      for (const pid of consoles) process.kill(pid, 'SIGKILL')
      await until('the run to go on without a console', 60, async () => {
        await stack.must('up', '--detach')
        return true
      })
    }))
})

test('stopping and starting the stack in the middle of a run costs nothing', () =>
  runs.exactThrough(async () => {
    await stack.must('down')
    expect(await processesOf(inject('home'), 'java')).toEqual([])
    await stack.must('up', '--detach')
  }))

test('bad tweets inside a good file are counted with their place and cost nothing else', async () => {
  await stack.healthy()
  const bad = join(inject('home'), 'bad.json')
  await writeFile(
    bad,
    '[\n {"tweets": ["one", 2, "three"], "id": 1},\n {"tweets": ["no id"]},\n {"tweets": ["four"], "id": 18446744073709551616}\n]\n',
  )
  const id = await runs.start('max', bad)
  const ledger = await runs.closed(id)
  expect(ledger).toMatchObject({ rejected: 2, sent: 3, druidDistinct: 3, lost: 0, duplicates: 0 })
  const { rejects } = await runs.progress(id)
  expect(rejects.map((r) => r.line)).toEqual([2, 3])
  const question = 'SELECT user_id FROM tweets WHERE run_id = ? AND seq = 2'
  // Rows are away for moments while Druid replaces a task.
  const huge = await until('the row of the third tweet', 60, async () => {
    const rows = await stack.sql<{ user_id: string }>(question, [{ type: 'VARCHAR', value: id }])
    return rows[0]?.user_id ?? null
  })
  expect(huge).toBe('18446744073709551616')
})
