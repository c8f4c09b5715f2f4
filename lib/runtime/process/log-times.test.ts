import { describe, expect, it } from 'vitest'
import { linesSince, timeOf } from './log-times.ts'

const at = Date.UTC(2026, 10, 25, 12, 11, 50, 213)
const second = Date.UTC(2026, 10, 25, 12, 11, 50)

describe('the time of a log line', () => {
  it.each([
    ['2026-11-25T12:11:50,213Z INFO [main] o.a.Kafka - started', at],
    ['2026-11-25T12:11:50.213Z aviary: kafka 4.3.1 is started', at],
    ['2026-11-25 12:11:50,213Z INFO superset: hello', at],
    ['2026-11-25T14:11:50+0200: mosquitto version 2.0.18 running', second],
    ['[2026-11-25 12:11:50 +0000] [77] [ERROR] Worker failed to boot.', second],
    ['2026-11-25T12:11:50.213987654Z with nanoseconds', at],
  ])('is read from its beginning: %s', (line, time) => expect(timeOf(line)).toBe(time))

  it('is this machine’s where it has no zone', () => {
    expect(timeOf('2026-11-25T12:11:50,213 INFO')).toBe(new Date(2026, 10, 25, 12, 11, 50, 213).getTime())
  })

  it.each(['\tat java.lang.Thread.run(Thread.java:1)', '', 'at 2026-11-25T12:11:50Z', '2026-99-99T12:11:50Z'])(
    'is unknown where it begins with none: %j',
    (line) => expect(timeOf(line)).toBeNull(),
  )
})

describe('lines since a time', () => {
  const log = [
    '\tat the.rest.of.an.Older(Trace.java)',
    '2026-11-25T12:00:00Z one',
    'Exception',
    '2026-11-25T12:00:05Z two',
    '\tat its.Trace(Trace.java)',
    // Threads do not write in the order of their times.
    '2026-11-25T12:00:04,999Z three',
  ]
  const since = async (time: string) => {
    const found: string[] = []
    const lines = (async function* () {
      yield* log
    })()
    for await (const line of linesSince(Date.parse(time), lines)) found.push(line)
    return found
  }

  it('begin with the first that is not older, and those without a time go with the line before', async () => {
    expect(await since('2026-11-25T12:00:05Z')).toEqual(log.slice(3))
    expect(await since('2026-11-25T11:00:00Z')).toEqual(log.slice(1))
    expect(await since('2026-11-25T12:00:06Z')).toEqual([])
  })
})
