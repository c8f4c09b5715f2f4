/** The engines themselves: provisioning is idempotent, probes say up, taps and tails see what was published. */

import { randomUUID } from 'node:crypto'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import type { TapMessage } from '#lib/pipeline/message.ts'
import { engineIds, headers, sourceConnector, topics } from '#lib/pipeline/stages.ts'
import { siteOf } from '#lib/stack/choice.ts'
import { until } from './engine.contract.ts'
import { headerText, Positions, type TopicBatch } from './kafka/index.ts'
import { engines } from './registry.ts'

const config = loadConfig({
  ...process.env,
  AVIARY_HOME: inject('home'),
  AVIARY_PORT_OFFSET: String(inject('portOffset')),
})
const all = engines(siteOf(config))
const patience = () => AbortSignal.timeout(60_000)

afterAll(() => Promise.all(Object.values(all).map((engine) => engine.close())))

/** Publishes as the replay does; the ids are beyond 2^53. */
async function publish(runId: string, count: number): Promise<void> {
  const client = await connectAsync({ host: config.host, port: config.ports.mosquitto, protocolVersion: 5 })
  for (let seq = 0; seq < count; seq++) {
    const userProperties = { [headers.runId]: runId, [headers.seq]: String(seq), [headers.sentAt]: String(Date.now()) }
    const message = `{"user_id": 900719925474099${seq % 10}3, "tweet": "t${seq}", "timestamp": "${new Date().toISOString()}"}`
    await client.publishAsync(topics.tweets, message, { qos: 1, properties: { userProperties } })
  }
  await client.endAsync()
}

describe.each(engineIds)('the engine %s', (id) => {
  const engine = all[id]

  test('provisioned twice changes nothing, and is up', async () => {
    await engine.provision(patience())
    for (const change of await engine.provision(patience())) expect(change.action).toBe('unchanged')
    await until(async () => (await engine.probe(patience())).state === 'up')
  })
})

describe('messages of a run', () => {
  const runId = `itest-${randomUUID()}`
  const count = 50
  const mqtt: TapMessage[] = []
  const kafka: TapMessage[] = []
  const isOurs = (message: TapMessage) => message.headers[headers.runId] === runId

  beforeAll(async () => {
    const end = (error: Error) => {
      throw error
    }
    const listen = (seen: TapMessage[]) => (message: TapMessage) => void (isOurs(message) && seen.push(message))
    const taps = await Promise.all([
      all.mosquitto.tap({ topic: topics.tweets, onMessage: listen(mqtt), onEnd: end }),
      all.kafka.tap({ topic: topics.tweets, onMessage: listen(kafka), onEnd: end }),
    ])
    await publish(runId, count)
    await until(() => mqtt.length >= count && kafka.length >= count)
    await Promise.all(taps.map((tap) => tap.close()))
  })

  test('show in both taps, once each, unchanged, with what travels beside them', () => {
    const seqs = (seen: TapMessage[]) => seen.map((m) => Number(m.headers[headers.seq])).sort((a, b) => a - b)
    expect(seqs(mqtt)).toEqual(Array.from({ length: count }, (_, i) => i))
    expect(seqs(kafka)).toEqual(seqs(mqtt))
    const values = (seen: TapMessage[]) => seen.map((m) => m.value).sort()
    expect(values(kafka)).toEqual(values(mqtt))
    expect(kafka[0]).toMatchObject({ key: expect.stringMatching(/^900719925474099\d3$/), topic: topics.tweets })
    expect(Number(kafka[0]?.headers[headers.receivedAt])).toBeGreaterThan(0)
  })

  test('are committed by the connector up to the last', async () => {
    await until(async () => {
      const runs = await all.connect.committed(sourceConnector, patience())
      return runs?.find((run) => run.runId === runId)?.seq === String(count - 1)
    })
  })

  test('are read by every follower once, from its own place, by one reading', async () => {
    const take = (offsets: string[]) => (batch: TopicBatch) => {
      for (const record of batch.records)
        if (headerText(record, headers.runId) === runId)
          offsets.push(`${batch.topic}/${batch.partition}/${record.offset}`)
    }
    const [late, early]: [string[], string[]] = [[], []]
    const first = await all.kafka.tail({ from: 'latest', onBatch: take(late), signal: patience() })
    // Beginning earlier sends the common reading back; the first follower must not notice.
    const second = await all.kafka.tail({ from: new Positions(), onBatch: take(early), signal: patience() })
    await second.caughtUp(patience())
    expect(new Set(early).size).toBe(count)
    expect(early).toHaveLength(count)
    expect(late).toEqual([])
    await publish(`${runId}-other`, 1)
    await Promise.all([first.caughtUp(patience()), second.caughtUp(patience())])
    expect(late).toEqual([])
    await Promise.all([first.close(), second.close()])
  })

  test('are rows in Druid with every digit of their ids', async () => {
    const query = 'SELECT COUNT(*), COUNT(DISTINCT seq) FROM tweets WHERE run_id = ?'
    const rows = () => all.druid.sqlOnTweets(query, { signal: patience(), parameters: [runId] })
    await until(async () => (await rows())?.rows[0]?.[0] === count)
    const ids = 'SELECT DISTINCT user_id FROM tweets WHERE run_id = ? ORDER BY 1 LIMIT 1'
    expect((await all.druid.sql(ids, { signal: patience(), parameters: [runId] })).rows).toEqual([
      ['90071992547409903'],
    ])
  })
})

test('a question to Druid that is given up ends with the reason', async () => {
  const reason = new Error('given up')
  const controller = new AbortController()
  const asked = all.druid.sql('SELECT COUNT(*) FROM sys.segments', { signal: controller.signal })
  controller.abort(reason)
  await expect(asked).rejects.toBe(reason)
})
