/** The join of the stream with the static data, live: what Druid says of a tweet's user follows the last load, and nothing restarts. */
import { randomUUID } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { until } from '#lib/engines/engine.contract.ts'
import { mbtiTypes } from '#lib/pipeline/personality.ts'
import { questions } from '#lib/pipeline/questions.ts'
import { datasource, headers, topics } from '#lib/pipeline/stages.ts'
import { personalityId } from '#lib/sample/index.ts'
import { type Lab, openLab, patience } from './lab.ts'
import { interactionsOf, sumsByType } from './plain.ts'

const runId = `statics-${randomUUID()}`
let lab: Lab

beforeAll(async () => {
  lab = await openLab(inject('home'), inject('portOffset'))
  await lab.statics.load({ dir: lab.sample, within: null })
})
afterAll(async () => {
  await lab.statics.load({ dir: lab.sample, within: null })
  await lab.close()
})

const druid = async (query: string, ...parameters: string[]) =>
  (await lab.engines.druid.sql(query, { signal: patience(), parameters })).rows

/** What Druid knows of a user; a table of one row, because Druid plans a LOOKUP of a literal away. */
const known = async (id: string) => {
  const columns = ['mbti', 'interactions', 'verified', 'location'].map((name) => `LOOKUP(id, 'user_${name}')`)
  return (await druid(`SELECT ${columns.join(', ')} FROM (VALUES (?)) AS t(id)`, id))[0]
}

type Figures = ReadonlyMap<string, number>

/** What a joint question says of the whole stream: the last column by the ones before it. Druid knows the stream from its first row on. */
async function figures(question: 'tweets' | 'live'): Promise<Figures> {
  const there = await druid('SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = ?', datasource)
  const rows = there.length === 0 ? [] : await druid(questions[question].sql)
  return new Map(rows.map((row) => [row.slice(0, -1).join(' '), Number(row.at(-1))]))
}

/** How much more is said than before, by type, which is the last word; the stream has other runs too. */
function added(before: Figures, after: Figures): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const [key, tweets] of after) {
    const type = key.split(' ').at(-1) ?? ''
    const more = tweets - (before.get(key) ?? 0)
    if (more !== 0) sums[type] = (sums[type] ?? 0) + more
  }
  return sums
}

/** The tweets of the sample, into Kafka as the connector writes them. Returns how many. */
async function publish(): Promise<number> {
  const { host, ports } = lab.config
  const producer = new Kafka({ brokers: [`${host}:${ports.kafka}`], logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  const tweets = lab.plain.tweets.flatMap(({ id, tweets: texts }) => texts.map((text) => ({ id, text })))
  const now = new Date()
  const messages = tweets.map(({ id, text }, seq) => ({
    key: id,
    value: `{"user_id": ${id}, "tweet": ${JSON.stringify(text)}, "timestamp": "${now.toISOString()}"}`,
    headers: { [headers.runId]: runId, [headers.seq]: String(seq), [headers.sentAt]: String(+now) },
  }))
  await producer.send({ topic: topics.tweets, messages })
  await producer.disconnect()
  return tweets.length
}

test('every user is known as the files say, and others are not', async () => {
  expect(lab.statics.snapshot().lookups).toBe('current')
  const large = lab.plain.users.filter((user) => BigInt(user.id) > 2n ** 53n)
  for (const user of [...large.slice(0, 3), ...lab.plain.users.slice(0, 3)])
    expect(await known(user.id)).toEqual([
      ...[lab.plain.types.get(user.id), String(interactionsOf(user)), String(user.verified)],
      user.location === 'NaN' ? null : user.location,
    ])
  expect(await known('1')).toEqual([null, null, null, null])
})

test('the stream is joined, and a new load changes the join while the rows are there', async () => {
  const before = { tweets: await figures('tweets'), live: await figures('live') }
  const sent = await publish()
  const count = 'SELECT COUNT(*) FROM tweets WHERE run_id = ?'
  await until(async () => (await druid(count, runId).catch(() => []))[0]?.[0] === sent)
  const perMinute = `SELECT TIME_FLOOR(__time, 'PT1M'), LOOKUP(user_id, 'user_mbti'), COUNT(*) FROM tweets WHERE run_id = ? GROUP BY 1, 2`
  const byType = async () => {
    const sums: Record<string, number> = {}
    for (const [, type, tweets] of await druid(perMinute, runId))
      sums[String(type)] = (sums[String(type)] ?? 0) + Number(tweets)
    return sums
  }
  const tweets = lab.plain.tweets.map(({ id, tweets: texts }) => [id, BigInt(texts.length)] as const)
  expect(await byType()).toEqual(sumsByType(lab.plain, tweets))
  for (const question of ['tweets', 'live'] as const)
    expect(added(before[question], await figures(question)), question).toEqual(sumsByType(lab.plain, tweets))

  // Everybody becomes the next type in the list.
  const all: readonly string[] = mbtiTypes
  const next = (type: string) => mbtiTypes[(all.indexOf(type) + 1) % all.length] ?? 'infj'
  const types = new Map([...lab.plain.types].map(([id, type]) => [id, next(type)] as const))
  const rows = [...types].map(([id, type]) => `${id},${type},${personalityId(type)}`)
  const labels = ['id,mbti_personality,pers_id', ...rows].join('\n')
  // Its folder has no other file, so that only this table changes.
  const ended = await lab.statics.load({ dir: await lab.files('types', { 'mbti_labels.csv': labels }), within: null })
  expect(ended.tables.find(({ name }) => name === 'mbti_labels')?.phase).toBe('done')
  expect(await byType()).toEqual(sumsByType({ ...lab.plain, types }, tweets))
  expect((await druid(count, runId))[0]?.[0]).toBe(sent)
})

test('lookups follow by themselves when a console died between Hive and Druid', async () => {
  await lab.statics.load({ dir: lab.sample, within: null })
  const user = lab.plain.users[0]?.id ?? ''
  const stale = { name: 'user_mbti' as const, stamp: 'of-another-load', values: new Map<string, string>() }
  await lab.engines.druid.publishLookups([stale], patience())
  expect((await known(user))?.[0]).toBeNull()
  const next = lab.newStatics()
  next.watch()
  await until(() => next.snapshot().lookups === 'current')
  expect((await known(user))?.[0]).toBe(lab.plain.types.get(user))
  await next.close()
})

test('provisioning leaves filled lookups as they are', async () => {
  for (const change of await lab.engines.druid.provision(patience())) expect(change.action).toBe('unchanged')
  const user = lab.plain.users[0]?.id ?? ''
  expect((await known(user))?.[0]).toBe(lab.plain.types.get(user))
})
