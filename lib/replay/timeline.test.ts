import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Schedule } from '#lib/pipeline/run.ts'
import { Pacer } from './pacer.ts'
import { diurnalCount, timeline } from './timeline.ts'

function dues(schedule: Schedule, count: number, times: readonly (number | null)[] = []): number[] {
  const next = timeline(schedule, 1)
  return Array.from({ length: count }, (_, i) => next(times[i] ?? null))
}

describe('timeline', () => {
  it('spaces an interval and a rate evenly from the first message on', () => {
    expect(dues({ kind: 'interval', seconds: 2 }, 4)).toEqual([0, 2_000, 4_000, 6_000])
    const even = dues({ kind: 'rate', perSecond: 10_000 }, 30_001)
    expect([even[1], even[10_000], even[30_000]]).toEqual([0.1, 1_000, 3_000])
  })

  it('never lets a rate drift', () => {
    expect(dues({ kind: 'rate', perSecond: 3 }, 300_001).at(-1)).toBe(100_000_000)
  })

  it('sends bursts as a whole', () => {
    expect(dues({ kind: 'burst', size: 3, everySeconds: 5 }, 7)).toEqual([0, 0, 0, 5_000, 5_000, 5_000, 10_000])
  })

  it('has the mean rate of a Poisson process, and its spread', () => {
    const due = dues({ kind: 'poisson', perSecond: 100 }, 20_000)
    const gaps = due.map((d, i) => d - (due[i - 1] ?? 0))
    const mean = gaps.reduce((a, b) => a + b) / gaps.length
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length)
    expect(mean).toBeGreaterThan(9.7)
    expect(mean).toBeLessThan(10.3)
    expect(deviation / mean).toBeCloseTo(1, 1)
  })

  it('is busy by day and quiet by night, with the given rate on average', () => {
    const due = dues({ kind: 'diurnal', perSecond: 50, daySeconds: 40 }, 50 * 40 + 1)
    expect(due.at(-1)).toBeCloseTo(40_000, 0)
    const within = (from: number, to: number) => due.filter((d) => d >= from * 1_000 && d < to * 1_000).length
    expect(within(5, 15)).toBeGreaterThan(5 * within(25, 35))
    expect(diurnalCount(40, 50, 40)).toBeCloseTo(2_000, 6)
  })

  it("follows the file's own time, faster, and never goes back", () => {
    const times = [1_000_000, 1_000_600, null, 1_006_000, 1_003_000, 1_004_000]
    expect(dues({ kind: 'file-time', speed: 10 }, 6, times)).toEqual([0, 60, 60, 600, 600, 700])
  })

  it('never decreases', () => {
    const schedule = fc.constantFrom<Schedule>(
      { kind: 'max' },
      { kind: 'poisson', perSecond: 1_000_000 },
      { kind: 'diurnal', perSecond: 0.5, daySeconds: 86_400 },
      { kind: 'diurnal', perSecond: 10_000, daySeconds: 1 },
      { kind: 'file-time', speed: 3 },
      { kind: 'burst', size: 2, everySeconds: 0.1 },
    )
    fc.assert(
      fc.property(schedule, fc.array(fc.option(fc.nat()), { minLength: 2, maxLength: 50 }), (s, times) => {
        const due = dues(Schedule.parse(s), times.length, times)
        for (let i = 1; i < due.length; i++) expect(due[i]!).toBeGreaterThanOrEqual(due[i - 1]!)
      }),
    )
  })
})

describe('pacer', () => {
  let now = 0
  const pacer = (schedule: Schedule) => {
    now = 5_000
    return new Pacer(schedule, 1, () => now)
  }

  it('counts exactly what is due at any moment', () => {
    const at = pacer({ kind: 'rate', perSecond: 1_000 })
    const sentBy = (ms: number) => {
      now = 5_000 + ms
      let sent = 0
      for (; at.wait(null) === 0; sent++) at.sent()
      return sent
    }
    expect([sentBy(0), sentBy(9), sentBy(10), sentBy(500)]).toEqual([1, 9, 1, 490])
  })

  it('stands still while stopped', () => {
    const at = pacer({ kind: 'interval', seconds: 2 })
    at.wait(null)
    at.sent()
    now += 500
    at.stop()
    now += 60_000
    at.start()
    expect(at.wait(null)).toBe(1_500)
  })

  it('moves its schedule instead of catching up after a long standstill', () => {
    const at = pacer({ kind: 'rate', perSecond: 10 })
    now += 60_000
    let sent = 0
    for (; at.wait(null) === 0; sent++) at.sent()
    expect(sent).toBe(1)
    expect(at.wait(null)).toBeCloseTo(100)
  })

  it('catches up what a busy machine made late', () => {
    const at = pacer({ kind: 'rate', perSecond: 10 })
    now += 900
    let sent = 0
    for (; at.wait(null) === 0; sent++) at.sent()
    expect(sent).toBe(10)
  })
})
