import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Schedule } from '#lib/pipeline/run.ts'
import {
  canLoop,
  fromBounds,
  fromSchedule,
  initialRun,
  initialSchedule,
  scheduleKinds,
  scheduleParameters,
  toBounds,
  toRunOptions,
  toSchedule,
  usesSeed,
} from './form.ts'

describe('the schedule form', () => {
  it('has a field for every parameter of every kind', () => {
    expect(scheduleKinds.toSorted()).toEqual(Schedule.options.map((o) => o.shape.kind.value).toSorted())
    for (const option of Schedule.options) {
      const { kind, ...parameters } = option.shape
      expect(Object.keys(parameters)).toEqual([...scheduleParameters[kind.value]])
    }
  })

  it('makes a schedule of what every kind starts with', () => {
    for (const kind of scheduleKinds) expect(toSchedule({ ...initialSchedule, kind }).ok).toBe(true)
  })

  it('gives back what it was filled from', () => {
    const rate = fc.double({ min: 0.001, max: 1_000_000, noNaN: true })
    const schedule: fc.Arbitrary<Schedule> = fc.oneof(
      rate.map((perSecond) => ({ kind: 'rate' as const, perSecond })),
      rate.map((speed) => ({ kind: 'file-time' as const, speed })),
      fc.record({
        kind: fc.constant('burst' as const),
        size: fc.integer({ min: 1, max: 100_000 }),
        everySeconds: fc.double({ min: 0.001, max: 86_400, noNaN: true }),
      }),
    )
    fc.assert(
      fc.property(schedule, (s) => {
        expect(toSchedule(fromSchedule(s))).toEqual({ ok: true, value: s })
      }),
    )
  })

  it.each([
    ['', { kind: 'number' }],
    ['fast', { kind: 'number' }],
    ['0', { kind: 'positive' }],
    ['-3', { kind: 'positive' }],
    ['2000000', { kind: 'tooBig', max: 1_000_000 }],
  ])('says what is wrong with the rate "%s"', (perSecond, fault) => {
    expect(toSchedule({ ...initialSchedule, perSecond })).toEqual({ ok: false, faults: { perSecond: fault } })
  })

  it('wants whole messages in a burst', () => {
    const parsed = toSchedule({ ...initialSchedule, kind: 'burst', size: '2.5' })
    expect(parsed).toEqual({ ok: false, faults: { size: { kind: 'whole' } } })
  })

  it('does not mind a fault in a field that the kind does not use', () => {
    expect(toSchedule({ ...initialSchedule, kind: 'max', perSecond: 'x' })).toEqual({
      ok: true,
      value: { kind: 'max' },
    })
  })
})

describe('the form of the bounds', () => {
  it('shows those in force and gives them back', () => {
    for (const value of [
      { loop: true, limit: null },
      { loop: false, limit: 12 },
    ])
      expect(toBounds(fromBounds(value))).toEqual({ ok: true, value })
  })

  it('knows a limit that is none', () => {
    expect(toBounds({ loop: true, limit: '0' })).toEqual({ ok: false, faults: { limit: { kind: 'positive' } } })
    expect(toBounds({ loop: true, limit: '1.5' })).toEqual({ ok: false, faults: { limit: { kind: 'whole' } } })
  })
})

describe('the run form', () => {
  const file = '/data/tweets.json'

  it('makes the options of a run', () => {
    expect(toRunOptions({ ...initialRun, file, mode: 'shuffle', seed: '7', limit: '50', loop: true })).toEqual({
      ok: true,
      value: { file, mode: 'shuffle', schedule: { kind: 'rate', perSecond: 100 }, seed: 7, limit: 50, loop: true },
    })
  })

  it('reads an empty limit as the whole file', () => {
    const parsed = toRunOptions({ ...initialRun, file })
    expect(parsed.ok && parsed.value.limit).toBeNull()
  })

  it('lists the faults of all fields together', () => {
    const parsed = toRunOptions({
      ...initialRun,
      mode: 'random',
      seed: '-1',
      limit: '0',
      schedule: { ...initialSchedule, perSecond: '' },
    })
    expect(parsed).toEqual({
      ok: false,
      faults: {
        file: { kind: 'required' },
        seed: { kind: 'negative' },
        limit: { kind: 'positive' },
        perSecond: { kind: 'number' },
      },
    })
  })

  it('asks for a seed only where one is used, and loops only what ends', () => {
    expect(usesSeed(initialRun)).toBe(false)
    expect(usesSeed({ ...initialRun, mode: 'random' })).toBe(true)
    expect(usesSeed({ ...initialRun, schedule: { ...initialSchedule, kind: 'poisson' } })).toBe(true)
    expect(canLoop({ mode: 'random' })).toBe(false)
    const parsed = toRunOptions({ ...initialRun, file, mode: 'random', loop: true })
    expect(parsed.ok && parsed.value.loop).toBe(false)
  })
})
