/** Any MQTT client is a publisher; what Druid could never read goes to the dead letters and stops nobody. */

import { Kafka, logLevel } from 'kafkajs'
import { connectAsync, type IClientPublishOptions } from 'mqtt'
import { expect, inject, test } from 'vitest'
import { TestStack, until } from './stack.ts'

const stack = new TestStack(inject('home'), inject('portOffset'))

async function publish(payloads: readonly string[], options: IClientPublishOptions = { qos: 1 }): Promise<void> {
  const client = await connectAsync(`mqtt://127.0.0.1:${stack.port(1883)}`, {
    protocolVersion: options.properties ? 5 : 4,
  })
  for (const payload of payloads) await client.publishAsync('tweets', payload, options)
  await client.endAsync()
}

const rowsOf = (userId: string) =>
  until(`the rows of user ${userId} in Druid`, 60, async () => {
    const query = 'SELECT tweet, TIME_FORMAT(__time) AS "at", run_id FROM tweets WHERE user_id = ?'
    const found = await stack.sql<{ tweet: string; at: string; run_id: string | null }>(query, [
      { type: 'VARCHAR', value: userId },
    ])
    return found.length > 0 ? found : null
  })

test('an ordinary MQTT 3.1.1 client with the original message reaches Druid, its naive time read as UTC', async () => {
  await publish(['{"user_id": 9007199254740993, "tweet": "from another client", "timestamp": "2025-05-01 10:00:00"}'])
  expect(await rowsOf('9007199254740993')).toEqual([
    { tweet: 'from another client', at: '2025-05-01T10:00:00.000Z', run_id: null },
  ])
})

/** Reads the dead letters from the beginning until one with `value` has come. */
async function deadLetter(value: string): Promise<Record<string, string>> {
  const kafka = new Kafka({ brokers: [`127.0.0.1:${stack.port(9092)}`], logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId: `test-${process.pid}-${Math.random()}`, maxWaitTimeInMs: 100 })
  const found = new Map<string, Record<string, string>>()
  await consumer.connect()
  await consumer.subscribe({ topic: 'tweets-dead-letters', fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => {
      const headers = Object.entries(message.headers ?? {}).map(([k, v]) => [k, String(v)])
      found.set(String(message.value), Object.fromEntries(headers))
    },
  })
  try {
    return await until('the dead letter', 60, async () => found.get(value) ?? null)
  } finally {
    await consumer.disconnect()
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
  await until('the committed offset of the poisoned run', 30, async () => {
    const reply = await fetch(`http://127.0.0.1:${stack.port(8083)}/connectors/tweets-source/offsets`)
    const { offsets } = (await reply.json()) as {
      offsets: { partition: { 'run-id'?: string }; offset: { seq?: number } }[]
    }
    return offsets.find((o) => o.partition['run-id'] === `poison-${process.pid}`)?.offset.seq === 0 ? true : null
  })
})
