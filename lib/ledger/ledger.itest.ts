/** The ledger on the real engines: what was published is counted to the last message, and again after a restart. */

import { randomUUID } from 'node:crypto'
import { connectAsync } from 'mqtt'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import { engines } from '#lib/engines/registry.ts'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { headers, topics } from '#lib/pipeline/stages.ts'
import { siteOf } from '#lib/stack/choice.ts'
import { LedgerKeeper } from './index.ts'

const config = loadConfig({
  ...process.env,
  AVIARY_HOME: inject('home'),
  AVIARY_PORT_OFFSET: String(inject('portOffset')),
})
const all = engines(siteOf(config))
const log = pino({ enabled: false })
const patience = () => AbortSignal.timeout(120_000)
const keepers: LedgerKeeper[] = []
const keeper = () => {
  const made = new LedgerKeeper({ kafka: all.kafka, druid: all.druid, log })
  keepers.push(made)
  return made
}

const count = 200
const poison = 3
const createdAt = Date.now()
const id = `itest-${randomUUID()}`

const run = (state: 'running' | 'finished'): RunSnapshot => ({
  id,
  createdAt,
  ledger: null,
  options: { file: '/x', mode: 'sequential', schedule: { kind: 'max' }, seed: 1, limit: null, loop: false },
  progress: {
    ...{
      runId: id,
      state,
      read: count + 2,
      rejected: 2,
      rejects: [],
      sent: count,
      resent: 0,
      acked: count,
      refused: 0,
    },
    ...{ committed: count - 1, rate: 0, total: count, bytesRead: 1, bytesTotal: 1, reason: null },
    ...{ startedAt: createdAt, updatedAt: Date.now(), endedAt: state === 'finished' ? Date.now() : null },
  },
})

beforeAll(async () => {
  for (const engine of Object.values(all)) await engine.provision(patience())
  const client = await connectAsync({ host: config.host, port: config.ports.mosquitto, protocolVersion: 5 })
  for (let seq = 0; seq < count; seq++) {
    const userProperties = { [headers.runId]: id, [headers.seq]: String(seq), [headers.sentAt]: String(Date.now()) }
    const message =
      seq < poison ? 'not json' : `{"user_id": ${seq}, "tweet": "t", "timestamp": "${new Date().toISOString()}"}`
    await client.publishAsync(topics.tweets, message, { qos: 1, properties: { userProperties } })
  }
  await client.endAsync()
})

afterAll(async () => {
  await Promise.all(keepers.map((k) => k.close()))
  await Promise.all(Object.values(all).map((engine) => engine.close()))
})

const whole = {
  kafka: count - poison,
  kafkaDistinct: count - poison,
  deadLetters: poison,
  druid: count - poison,
  druidDistinct: count - poison,
  lost: 0,
  duplicates: 0,
}

test('an ended run is counted to the last message, dead letters apart', async () => {
  const ledger = keeper()
  ledger.track(run('running'))
  ledger.track(run('finished'))
  const told: unknown[] = []
  ledger.onChange((figures) => told.push(figures))
  const [counted, again] = await Promise.all([ledger.count(id, patience()), ledger.count(id, patience())])
  expect(again).toBe(counted)
  // The run keeps the figures of whoever counted first.
  expect(ledger.current(id)).toMatchObject(whole)
  expect(told).toContainEqual(expect.objectContaining(whole))
  expect(counted).toMatchObject({ ...whole, read: count + 2, rejected: 2, sent: count })
  expect(counted.hops.mqtt.p50).not.toBeNull()
  expect(counted.hops.connect.p50).not.toBeNull()
})

test('a restarted console counts the same again, and twice is not double', async () => {
  const ledger = keeper()
  ledger.track(run('finished'))
  expect(await ledger.count(id, patience())).toMatchObject(whole)
  expect(await ledger.count(id, patience())).toMatchObject(whole)
})

test('an open run has no loss yet', async () => {
  const ledger = keeper()
  ledger.track(run('running'))
  expect(await ledger.count(id, patience())).toMatchObject({ ...whole, lost: null, duplicates: null })
})

test('what cannot be asked is null, never 0', async () => {
  const nowhere = engines(siteOf({ ...config, ports: { ...config.ports, kafka: 1, 'druid-router': 2 } }))
  const ledger = new LedgerKeeper({ kafka: nowhere.kafka, druid: nowhere.druid, log })
  ledger.track(run('finished'))
  const counted = await ledger.count(id, AbortSignal.timeout(3_000))
  expect(counted).toMatchObject({ kafka: null, kafkaDistinct: null, druid: null, lost: null, sent: count })
  await ledger.close()
  await Promise.all(Object.values(nowhere).map((engine) => engine.close()))
})

test('a run that nobody has told of is not made up', async () => {
  await expect(keeper().count('no-such-run', patience())).rejects.toThrow('no-such-run')
})
