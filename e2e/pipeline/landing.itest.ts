/** From Kafka into Hive's folder exactly once, while Connect is killed ten times in the middle of writes. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import { parseExact } from '#lib/engines/json.ts'
import { engines } from '#lib/engines/registry.ts'
import { landingConnector, topics } from '#lib/pipeline/stages.ts'
import { siteOf } from '#lib/stack/choice.ts'
import { Runs } from './runs.ts'
import { TestStack, until } from './stack.ts'
import { type Expected, writeTweets } from './tweets.ts'

const count = 6_000
const kills = 10
const stack = new TestStack(inject('home'), inject('portOffset'))
const file = join(inject('home'), 'tweets-6000.json')
const folder = join(inject('home'), 'data', 'hive', 'landing')
const growing = `${folder}-growing`
const all = engines(siteOf(loadConfig(stack.env)))
let expected: Expected[]
let runs: Runs

beforeAll(async () => {
  expected = await writeTweets(file, count, 7)
  runs = new Runs(stack, file, expected)
})
afterAll(async () => {
  for (const engine of Object.values(all)) await engine.close()
  await freshConnect()
})

const sink = async () => (await stack.status()).connectors?.find(({ name }) => name === landingConnector) ?? null
const everythingLanded = () =>
  until('everything to have landed', 180, async () => ((await sink())?.behind === 0 ? true : null))

interface Line {
  readonly user_id?: string
  readonly tweet?: string
  readonly raw?: string
  readonly run_id: string | null
  readonly seq: number | null
  readonly kafka_partition: number
  readonly kafka_offset: number
}

/** What a reader of the folder sees. */
async function lines(): Promise<Line[]> {
  const names = await readdir(folder)
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  for (const text of texts) expect(text.at(-1)).toBe('\n')
  // By line feeds alone, as Hive reads: texts may hold other separators.
  return texts.flatMap((text) => text.slice(0, -1).split('\n')).map((line) => parseExact(line) as Line)
}

/** Waits until the sink, begun after `since`, holds records that readers do not see yet. */
const midWrite = (since: number) =>
  until('the sink to be in the middle of a write', 180, async () => {
    const names = (await readdir(growing)).filter((name) => name.endsWith('.jsonl'))
    const changed = await Promise.all(names.map(async (name) => (await stat(join(growing, name))).mtimeMs))
    return changed.some((at) => at > since) ? true : null
  })

/** A person's restart: the suites after this one find Connect with all its restarts before it. */
async function freshConnect(): Promise<void> {
  await stack.act('restart', 'connect')
  await until('Connect to be fresh', 180, async () => {
    const { phase, services } = (await stack.status()).stack
    const restarts = services.find(({ id }) => id === 'connect')?.restarts
    return phase === 'ready' && restarts === 0 ? true : null
  })
}

/** The console restarts a service five times and then leaves it to a person, who here starts it again. */
const runsAgain = (killed: string) =>
  until('Connect to run again', 120, async () => {
    const { services } = (await stack.status()).stack
    if (services.find(({ id }) => id === 'connect')?.phase === 'failed') await stack.must('up', '--detach')
    const handle = await stack.handle('connect').catch(() => killed)
    return handle !== killed ? true : null
  })

test('ten kills of Connect in the middle of writes cost no record and double none', {
  timeout: 1_800_000,
}, async () => {
  await everythingLanded()
  // Slow enough that much of it is still to come at the last kill.
  const id = await runs.start('10')
  let since = Date.now()
  for (let kill = 0; kill < kills; kill++) {
    await midWrite(since)
    const killed = await stack.kill('connect')
    since = Date.now()
    await runsAgain(killed)
  }
  await stack.must('replay', 'rate', id, 'max')
  expect(await runs.closed(id)).toMatchObject({ kafka: count, kafkaDistinct: count, lost: 0, duplicates: 0 })
  await everythingLanded()

  const landed = await lines()
  const places = new Set(landed.map((line) => `${line.kafka_partition}/${line.kafka_offset}`))
  expect(places.size).toBe(landed.length)
  const ours = landed.filter((line) => line.run_id === id).sort((a, b) => Number(a.seq) - Number(b.seq))
  expect(ours.map(({ seq }) => seq)).toEqual(expected.map((_, seq) => seq))
  expect(ours.map(({ user_id, tweet }) => ({ userId: user_id, tweet }))).toEqual(expected)

  const query = `SELECT count(*), count(DISTINCT seq), count(DISTINCT user_id) FROM aviary.tweets_landed WHERE run_id = '${id}'`
  const { rows } = await all.hive.sql(query, { signal: AbortSignal.timeout(180_000) })
  expect(rows[0]?.map(String)).toEqual([count, count, new Set(expected.map(({ userId }) => userId)).size].map(String))
})

test('a paused sink says how much waits; what is no tweet lands whole', async () => {
  await everythingLanded()
  await all.connect.pause(landingConnector, AbortSignal.timeout(30_000))
  await until('the sink to be paused', 180, async () => ((await sink())?.state === 'PAUSED' ? true : null))
  const odd = Array.from(
    { length: 100 },
    (_, n) => `{"user_id": 18446744073709551616, "odd": ${n}, "of": ${process.pid}}`,
  )
  const client = await connectAsync(`mqtt://127.0.0.1:${stack.port(1883)}`)
  for (const payload of odd) await client.publishAsync(topics.tweets, payload, { qos: 1 })
  await client.endAsync()
  await until('100 records to wait', 180, async () => ((await sink())?.behind === 100 ? true : null))
  await all.connect.resume(landingConnector, AbortSignal.timeout(30_000))
  await everythingLanded()
  const raw = (await lines()).flatMap((line) => line.raw ?? [])
  expect(raw.filter((text) => odd.includes(text)).sort()).toEqual([...odd].sort())
})
