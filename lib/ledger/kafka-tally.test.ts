import { expect, test } from 'vitest'
import type { TopicBatch, TopicRecord } from '#lib/engines/kafka/index.ts'
import { lateAfterMs } from '#lib/pipeline/ledger.ts'
import { topics } from '#lib/pipeline/stages.ts'
import { KafkaTally } from './kafka-tally.ts'

const sentAt = 1_700_000_000_000

function record(runId: string | null, seq: string, { received = 4, recorded = 10 } = {}): TopicRecord {
  const headers = {
    ...(runId !== null && { 'run-id': Buffer.from(runId) }),
    seq: Buffer.from(seq),
    'sent-at': Buffer.from(String(sentAt)),
    'mqtt.received-at': Buffer.from(String(sentAt + received)),
  }
  return { key: null, value: null, offset: '0', timestamp: String(sentAt + recorded), headers }
}

const batch = (records: TopicRecord[], topic: string = topics.tweets): TopicBatch => ({ topic, partition: 0, records })

test('only the records of the run are counted, the same position once among the distinct', () => {
  const tally = new KafkaTally('run-1')
  const took = tally.take(batch([record('run-1', '0'), record('run-2', '1'), record(null, '2'), record('run-1', '0')]))
  expect(took).toBe(true)
  expect(tally.take(batch([record('run-10', '0')]))).toBe(false)
  expect(tally.count()).toMatchObject({ total: 2, distinct: 1, deadLetters: 0 })
})

test('dead letters are counted apart, each message once', () => {
  const tally = new KafkaTally('run-1')
  tally.take(batch([record('run-1', '3'), record('run-1', '3'), record('run-1', '4')], topics.deadLetters))
  expect(tally.count()).toMatchObject({ total: 0, distinct: 0, deadLetters: 2 })
})

test('a message is late only beyond the limit, and hops are timed from its headers', () => {
  const tally = new KafkaTally('run-1')
  tally.take(
    batch([record('run-1', '0', { recorded: lateAfterMs }), record('run-1', '1', { recorded: lateAfterMs + 1 })]),
  )
  expect(tally.count().late).toBe(1)
  tally.take(batch(Array.from({ length: 8 }, (_, i) => record('run-1', String(i + 2)))))
  expect(tally.count()).toMatchObject({ mqtt: { p50: 4 }, connect: { p50: 6 } })
})

test('a header that is no number is not counted as a position', () => {
  const tally = new KafkaTally('run-1')
  for (const seq of ['', '-1', '1.5', 'x', '99999999999999999999']) tally.take(batch([record('run-1', seq)]))
  expect(tally.count()).toMatchObject({ total: 5, distinct: 0 })
})
