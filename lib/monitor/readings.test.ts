import { describe, expect, test } from 'vitest'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { isPast, readings, type Sources } from './readings.ts'

const run = (endedAt: number | null) =>
  ({
    id: 'r',
    createdAt: 5,
    progress: { read: 12, sent: 10, acked: 9, committed: 7, endedAt },
    ledger: { kafka: 8, druid: 6, deadLetters: 1 },
  }) as unknown as RunSnapshot

const sources: Sources = {
  engines: { mosquitto: { traffic: () => ({ received: 40 }) } as unknown as Sources['engines']['mosquitto'] },
  ledger: { current: () => null, traffic: () => ({ records: 30, since: 1, lastAt: 2 }) },
  rows: { total: 25 },
}

describe('what a stage has seen', () => {
  test('is the run, where there is one, with its dead letters in Kafka', () => {
    const totals = Object.entries(readings(run(null), sources)).map(([id, { total }]) => [id, total])
    expect(Object.fromEntries(totals)).toEqual({ file: 12, replay: 10, mosquitto: 9, connect: 8, kafka: 9, druid: 7 })
  })

  test('is at least what of the run is in Kafka, which tells it at once', () => {
    const seen = run(null)
    const ahead = { ...seen, ledger: { ...seen.ledger, kafka: 12, kafkaDistinct: 10 } } as RunSnapshot
    const totals = Object.entries(readings(ahead, sources)).map(([id, { total }]) => [id, total])
    expect(Object.fromEntries(totals)).toEqual({
      ...{ file: 12, replay: 11, mosquitto: 11, connect: 11, kafka: 13, druid: 7 },
    })
  })

  test('is all that passes without one; what nobody counts is unknown, not 0', () => {
    const totals = Object.entries(readings(null, sources)).map(([id, { total }]) => [id, total])
    expect(Object.fromEntries(totals)).toEqual({
      ...{ file: null, replay: null, mosquitto: 40, connect: null, kafka: 30, druid: 25 },
    })
  })

  test('is no longer the run when others publish long after its end', () => {
    expect(isPast(run(null), 1_000_000)).toBe(false)
    expect(isPast(run(1_000), 2_000)).toBe(false)
    expect(isPast(run(1_000), null)).toBe(false)
    expect(isPast(run(1_000), 60_000)).toBe(true)
  })
})
