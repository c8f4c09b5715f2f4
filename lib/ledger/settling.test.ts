import { expect, test } from 'vitest'
import type { SupervisorSnapshot } from '#lib/pipeline/snapshot.ts'
import { datasource } from '#lib/pipeline/stages.ts'
import type { KafkaCount } from './kafka-tally.ts'
import { isSettled, Standstill } from './settling.ts'

const none = { p50: null, p95: null, p99: null }
const kafka: KafkaCount = { total: 100, distinct: 100, deadLetters: 0, late: 0, mqtt: none, connect: none }
const supervisor = (state: 'up' | 'degraded', aggregateLag: number | null): SupervisorSnapshot => ({
  id: datasource,
  status: { state, reason: null, since: 0, checkedAt: 0 },
  state: 'RUNNING',
  detailedState: 'RUNNING',
  activeTasks: 1,
  partitions: [],
  aggregateLag,
  offsetsAt: 0,
  recentErrors: [],
})

test('figures are final when all has arrived and Druid has all that Kafka has', () => {
  const state = { served: true, still: false, supervisors: null }
  expect(isSettled(100, kafka, { total: 101, distinct: 100, distinctAt: 0 }, state)).toBe(true)
  expect(isSettled(103, { ...kafka, deadLetters: 3 }, { total: 100, distinct: 100, distinctAt: 0 }, state)).toBe(true)
  expect(isSettled(100, kafka, { total: 99, distinct: 99, distinctAt: 0 }, state)).toBe(false)
  expect(isSettled(100, kafka, { total: 100, distinct: null, distinctAt: 0 }, state)).toBe(false)
})

test('they are not while published segments are not served', () => {
  const druid = { total: 100, distinct: 100, distinctAt: 0 }
  expect(isSettled(100, kafka, druid, { served: false, still: true, supervisors: [supervisor('up', 0)] })).toBe(false)
})

test('what has not come to Kafka may be on its way, until nothing has moved for long', () => {
  const druid = { total: 100, distinct: 100, distinctAt: 0 }
  expect(isSettled(101, kafka, druid, { served: true, still: false, supervisors: null })).toBe(false)
  expect(isSettled(101, kafka, druid, { served: true, still: true, supervisors: null })).toBe(true)
})

test('a loss is stated only when Druid stands still, works and has nothing left to read', () => {
  const druid = { total: 99, distinct: 99, distinctAt: 0 }
  const settled = (still: boolean, of: SupervisorSnapshot | null) =>
    isSettled(100, kafka, druid, { served: true, still, supervisors: of && [of] })
  expect(settled(true, supervisor('up', 3))).toBe(true)
  expect(settled(false, supervisor('up', 3))).toBe(false)
  expect(settled(true, supervisor('degraded', 3))).toBe(false)
  expect(settled(true, supervisor('up', null))).toBe(false)
  expect(settled(true, supervisor('up', 5_000))).toBe(false)
  expect(settled(true, null)).toBe(false)
})

test('a count that has dropped does not stand still, however long', () => {
  const standstill = new Standstill()
  standstill.see(100, 0)
  expect(standstill.isLong(29_999)).toBe(false)
  expect(standstill.isLong(30_000)).toBe(true)
  standstill.see(40, 31_000)
  expect(standstill.isLong(500_000)).toBe(false)
  standstill.see(100, 501_000)
  expect(standstill.isLong(530_999)).toBe(false)
  expect(standstill.isLong(531_000)).toBe(true)
})
