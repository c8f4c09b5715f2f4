import { expect, test } from 'vitest'
import { advance, type Flow, isStalled, noFlow, type Reading, stalledAfterMs } from './flow.ts'
import { type StageId, stageIds } from './stages.ts'

type Totals = Partial<Record<StageId, number | null>>

const readings = (totals: Totals) =>
  Object.fromEntries(stageIds.map((id) => [id, { total: totals[id] ?? null }])) as Record<StageId, Reading>

/** One look a second. */
const looks = (all: Totals[], from: Flow = noFlow) =>
  all.reduce<Flow>((flow, totals, i) => advance(flow, readings(totals), i * 1_000), from)

const stalled = (flow: Flow, now: number) => stageIds.filter((id) => isStalled(flow[id], now))

test('a rate needs two totals and is taken over the last seconds', () => {
  expect(looks([{ kafka: 10 }]).kafka.rate).toBeNull()
  expect(looks([{ kafka: 10 }, { kafka: 30 }]).kafka.rate).toBe(20)
  expect(looks([{ kafka: 0 }, ...Array.from({ length: 6 }, () => ({ kafka: 100 }))]).kafka.rate).toBe(0)
})

test('a total that could not be asked has no rate, and does not count as standing', () => {
  const flow = looks([
    { connect: 1, kafka: 1 },
    { connect: 2, kafka: null },
  ])
  expect(flow.kafka).toMatchObject({ rate: null, waitingSince: null, total: 1 })
})

test('a stage that begins anew has no negative rate', () => {
  expect(looks([{ kafka: 500 }, { kafka: 3 }]).kafka.rate).toBeNull()
  expect(looks([{ kafka: 500 }, { kafka: 3 }, { kafka: 8 }]).kafka.rate).toBe(5)
})

test('only the stage whose input moves while its output stands is named', () => {
  const all = Array.from({ length: 13 }, (_, i) => ({ replay: i, mosquitto: i, connect: 0, kafka: 0, druid: 0 }))
  const flow = looks(all)
  expect(stalled(flow, 12_000)).toEqual(['connect'])
  const moving = advance(flow, readings({ replay: 13, mosquitto: 13, connect: 1, kafka: 0, druid: 0 }), 13_000)
  expect(stalled(moving, 13_000)).toEqual([])
})

test('one message that nobody takes is enough, and the limit counts from when it came', () => {
  const flow = looks([
    { kafka: 1, druid: 1 },
    { kafka: 2, druid: 1 },
    { kafka: 2, druid: 1 },
  ])
  expect(isStalled(flow.druid, 1_000 + stalledAfterMs - 1)).toBe(false)
  expect(isStalled(flow.druid, 1_000 + stalledAfterMs)).toBe(true)
})

test('a quiet line is not a standing one', () => {
  const flow = looks([
    { kafka: 5, druid: 4 },
    { kafka: 6, druid: 5 },
    { kafka: 6, druid: 6 },
  ])
  expect(flow.druid.waitingSince).toBeNull()
  expect(stalled(flow, 1_000_000)).toEqual([])
})
