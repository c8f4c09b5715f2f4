/** Exactly once from the file to the Druid row: undisturbed, and with every part of the line killed in the middle. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import type { Ledger } from '#lib/pipeline/ledger.ts'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { processesOf, TestStack, until } from './stack.ts'
import { type Expected, writeTweets } from './tweets.ts'

const count = 20_000
const stack = new TestStack(inject('home'), inject('portOffset'))
const file = join(inject('home'), 'tweets-20000.json')
let expected: Expected[]

beforeAll(async () => {
  expected = await writeTweets(file, count, 42)
})

const startRun = async (rate = '2500'): Promise<string> =>
  (await stack.json<RunSnapshot>('replay', 'start', file, '--mode', 'sequential', '--rate', rate)).id

const progress = async (run: string) => {
  const found = (await stack.runs()).find((r) => r.id === run)
  if (!found) throw new Error(`run ${run} is not listed`)
  return found.progress
}

/** Waits until the run has sent `share` of its messages, so that what follows happens in the middle. */
const middle = (run: string, share = 0.3) =>
  until(`run ${run} to have sent ${share * count}`, 120, async () =>
    (await progress(run)).sent >= share * count ? true : null,
  )

/** The ledger once it has been counted at both ends. */
const closed = (run: string): Promise<Ledger> =>
  until(`the ledger of ${run} to be closed`, 240, async () => {
    const ledger = await stack.ledger(run)
    return ledger.lost !== null && ledger.state === 'finished' ? ledger : null
  })

interface Row {
  seq: number
  user_id: string
  tweet: string
}

/** All rows of a run, by seq, read from Druid past the console. */
async function rows(run: string): Promise<Row[]> {
  const all: Row[] = []
  for (let from = 0; from < count; from += 5_000) {
    const parameters = [
      { type: 'VARCHAR', value: run },
      { type: 'BIGINT', value: from },
      { type: 'BIGINT', value: from + 5_000 },
    ]
    const query = 'SELECT seq, user_id, tweet FROM tweets WHERE run_id = ? AND seq >= ? AND seq < ?'
    all.push(...(await stack.sql<Row>(query, parameters)))
  }
  return all.sort((a, b) => a.seq - b.seq)
}

async function expectExact(run: string): Promise<void> {
  const ledger = await closed(run)
  expect(ledger).toMatchObject({
    state: 'finished',
    read: count,
    rejected: 0,
    sent: count,
    acked: count,
    kafka: count,
    kafkaDistinct: count,
    deadLetters: 0,
    druid: count,
    druidDistinct: count,
    lost: 0,
    duplicates: 0,
  })
  const found = await rows(run)
  expect(found.length).toBe(count)
  const wrong = found.filter(
    (r, i) => r.seq !== i || r.user_id !== expected[i]?.userId || r.tweet !== expected[i]?.tweet,
  )
  expect(wrong.slice(0, 3)).toEqual([])
}

const healthy = () =>
  until('the stack to be ready again', 180, async () => ((await stack.status()).stack.phase === 'ready' ? true : null))

test('20,000 tweets arrive exactly once, ids and texts to the byte', async () => {
  const run = await startRun('max')
  await expectExact(run)
  const ledger = await stack.ledger(run)
  for (const value of Object.values(ledger.hops.mqtt)) expect(value).toBeGreaterThanOrEqual(0)
})

describe('a kill -9 in the middle costs nothing and needs no hand', () => {
  test.each(['mosquitto', 'kafka', 'connect', 'druid-middlemanager'] as const)('%s', async (service) => {
    await healthy()
    const run = await startRun()
    await middle(run)
    const before = await stack.kill(service)
    await expectExact(run)
    await healthy()
    expect(await stack.pid(service)).not.toBe(before)
  })

  test('mosquitto with a backlog, while the connector is down', async () => {
    await healthy()
    const run = await startRun()
    await middle(run)
    await stack.kill('connect')
    const { sent } = await progress(run)
    await until('a backlog in mosquitto', 30, async () => ((await progress(run)).sent > sent + 500 ? true : null))
    await stack.kill('mosquitto')
    await expectExact(run)
  })

  test('the Druid peon', async () => {
    await healthy()
    const run = await startRun()
    await middle(run)
    const peons = await processesOf(inject('home'), 'internal', 'peon')
    expect(peons.length).toBeGreaterThan(0)
    for (const pid of peons) process.kill(pid, 'SIGKILL')
    await expectExact(run)
  })

  test('the replay process', async () => {
    await healthy()
    const run = await startRun()
    await middle(run)
    const replays = await processesOf(inject('home'), 'lib/replay/main.ts', run)
    expect(replays.length).toBe(1)
    for (const pid of replays) process.kill(pid, 'SIGKILL')
    await expectExact(run)
  })

  test('the console', async () => {
    await healthy()
    const run = await startRun()
    await middle(run)
    const consoles = await processesOf(inject('home'), 'server.ts')
    expect(consoles.length).toBe(1)
    for (const pid of consoles) process.kill(pid, 'SIGKILL')
    await until('the run to go on without a console', 60, async () => {
      await stack.must('up', '--detach')
      return true
    })
    await expectExact(run)
  })
})

test('stopping and starting the stack in the middle of a run costs nothing', async () => {
  await healthy()
  const run = await startRun()
  await middle(run)
  await stack.must('down')
  expect(await processesOf(inject('home'), 'java')).toEqual([])
  await stack.must('up', '--detach')
  await expectExact(run)
})

test('bad tweets inside a good file are counted with their place and cost nothing else', async () => {
  await healthy()
  const bad = join(inject('home'), 'bad.json')
  await writeFile(
    bad,
    '[\n {"tweets": ["one", 2, "three"], "id": 1},\n {"tweets": ["no id"]},\n {"tweets": ["four"], "id": 18446744073709551616}\n]\n',
  )
  const { id } = await stack.json<RunSnapshot>('replay', 'start', bad, '--rate', 'max')
  const ledger = await closed(id)
  expect(ledger).toMatchObject({ rejected: 2, sent: 3, druidDistinct: 3, lost: 0, duplicates: 0 })
  const { rejects } = await progress(id)
  expect(rejects.map((r) => r.line)).toEqual([2, 3])
  const [huge] = await stack.sql<{ user_id: string }>('SELECT user_id FROM tweets WHERE run_id = ? AND seq = 2', [
    { type: 'VARCHAR', value: id },
  ])
  expect(huge?.user_id).toBe('18446744073709551616')
})
