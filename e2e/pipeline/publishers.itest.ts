/** Any MQTT client is a publisher; what Druid could never read goes to the dead letters and stops nobody. */

import { connectAsync, type IClientPublishOptions } from 'mqtt'
import { afterAll, expect, inject, test } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import type { TopicBatch } from '#lib/engines/kafka/index.ts'
import { engines } from '#lib/engines/registry.ts'
import { topics } from '#lib/pipeline/stages.ts'
import { siteOf } from '#lib/stack/choice.ts'
import { TestStack, until } from './stack.ts'

const stack = new TestStack(inject('home'), inject('portOffset'))
const all = engines(siteOf(loadConfig(stack.env)))
const { kafka } = all
const beganAt = Date.now() - 1_000

afterAll(async () => {
  for (const engine of Object.values(all)) await engine.close()
})

async function publish(payloads: readonly string[], options: IClientPublishOptions = { qos: 1 }): Promise<void> {
  const client = await connectAsync(`mqtt://127.0.0.1:${stack.port(1883)}`, {
    protocolVersion: options.properties ? 5 : 4,
  })
  for (const payload of payloads) await client.publishAsync('tweets', payload, options)
  await client.endAsync()
}

const rowsOf = (userId: string) =>
  until(`the rows of user ${userId} in Druid`, 180, async () => {
    const query = 'SELECT tweet, TIMESTAMP_TO_MILLIS(__time) AS "at", run_id FROM tweets WHERE user_id = ?'
    const found = await stack.sql<{ tweet: string; at: number; run_id: string | null }>(query, [
      { type: 'VARCHAR', value: userId },
    ])
    return found.length > 0 ? found : null
  })

test('an ordinary MQTT 3.1.1 client with the original message reaches Druid, its naive time read as UTC', async () => {
  await publish(['{"user_id": 9007199254740993, "tweet": "from another client", "timestamp": "2025-05-01 10:00:00"}'])
  expect(await rowsOf('9007199254740993')).toEqual([
    { tweet: 'from another client', at: Date.parse('2025-05-01T10:00:00Z'), run_id: null },
  ])
})

/** Waits for the dead letter with this payload; its headers. */
async function deadLetter(value: string): Promise<Record<string, string>> {
  const found = new Map<string, Record<string, string>>()
  const onBatch = ({ topic, records }: TopicBatch) => {
    if (topic !== topics.deadLetters) return
    for (const record of records)
      found.set(
        String(record.value),
        Object.fromEntries(Object.entries(record.headers ?? {}).map(([name, header]) => [name, String(header)])),
      )
  }
  const signal = AbortSignal.timeout(90_000)
  const { positions } = await kafka.positionsAt(beganAt, signal)
  const tail = await kafka.lookBack({ from: positions, onBatch, signal })
  try {
    return await until('the dead letter', 180, async () => found.get(value) ?? null)
  } finally {
    await tail.close()
  }
}

test('poison goes to the dead letters with its reason and the flow goes on', async () => {
  const poison = `this is no JSON ${process.pid}`
  await publish([poison, '', '{"user_id": 77001, "tweet": "after the poison", "timestamp": "2025-05-02T10:00:00Z"}'])
  expect(await rowsOf('77001')).toHaveLength(1)
  const headers = await deadLetter(poison)
  expect(headers['dlq.reason']).toBeTruthy()
  expect(headers['mqtt.topic']).toBe('tweets')
})

test('poison with the headers of a run is counted as committed, so the run could never stall on it', async () => {
  const poison = `no JSON either ${process.pid}`
  const properties = { userProperties: { 'run-id': `poison-${process.pid}`, seq: '0', 'sent-at': String(Date.now()) } }
  await publish([poison], { qos: 1, properties })
  expect(await deadLetter(poison)).toMatchObject({ 'run-id': `poison-${process.pid}`, seq: '0' })
  await until('the committed offset of the poisoned run', 180, async () => {
    const reply = await fetch(`http://127.0.0.1:${stack.port(8083)}/connectors/tweets-source/offsets`)
    const { offsets } = (await reply.json()) as {
      offsets: { partition: { 'run-id'?: string }; offset: { seq?: number } }[]
    }
    return offsets.find((o) => o.partition['run-id'] === `poison-${process.pid}`)?.offset.seq === 0 ? true : null
  })
})
