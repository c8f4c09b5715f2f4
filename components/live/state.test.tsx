import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nothingKnown, type Overview, type StageSnapshot } from '#lib/pipeline/snapshot.ts'
import { applyDelta, applyWhole, emptyState, loseConnection, rateSamples, serverNow } from './state.ts'

const overview = (name: string): Overview => ({
  ...nothingKnown,
  stack: { ...nothingKnown.stack, phase: 'ready', reason: name },
  supervisors: [],
})

const stage = (rate: number | null): StageSnapshot => ({
  id: 'kafka',
  status: { state: 'up', reason: null, since: 0, checkedAt: 0 },
  count: null,
  countSince: null,
  rate,
  lastMessageAt: null,
  backlog: null,
})

const whole = (seq: number, at = 1_000, name = 'whole') => ({ seq, at, overview: overview(name) })
const delta = (seq: number, at = 2_000, name = `delta ${seq}`) => ({
  seq,
  at,
  changes: { stack: overview(name).stack },
})

describe('the live state', () => {
  it('takes the members that a delta changes and keeps the others', () => {
    const start = applyWhole(emptyState, whole(4), 1_000)
    const next = applyDelta(start, delta(5), 2_000)
    expect(next.overview?.stack.reason).toBe('delta 5')
    expect(next.overview?.supervisors).toBe(start.overview?.supervisors)
    expect(next).toMatchObject({ seq: 5, dataAt: 2_000, connection: 'live', needsWhole: false })
  })

  it('passes over a delta that the whole already contains', () => {
    const start = applyWhole(emptyState, whole(4), 1_000)
    expect(applyDelta(start, delta(4), 2_000)).toBe(start)
    expect(applyDelta(start, delta(2), 2_000)).toBe(start)
  })

  it('asks for the whole at a gap and applies nothing until it has come', () => {
    const gap = applyDelta(applyWhole(emptyState, whole(4), 1_000), delta(6), 2_000)
    expect(gap).toMatchObject({ needsWhole: true, seq: 4 })
    expect(gap.overview?.stack.reason).toBe('whole')
    expect(applyDelta(gap, delta(5), 2_000)).toBe(gap)
    expect(applyDelta(gap, delta(7), 2_000)).toBe(gap)
    const healed = applyWhole(gap, whole(9, 3_000, 'again'), 3_000)
    expect(applyDelta(healed, delta(10), 4_000).overview?.stack.reason).toBe('delta 10')
  })

  it('takes a whole with a smaller number: the server has begun anew', () => {
    const old = applyWhole(emptyState, whole(900), 1_000)
    expect(applyWhole(old, whole(0, 5_000, 'new'), 5_000)).toMatchObject({ seq: 0, dataAt: 5_000, needsWhole: false })
  })

  it('keeps what is on screen when the connection is lost, and lets no delta in', () => {
    const lost = loseConnection(applyWhole(emptyState, whole(4), 1_000))
    expect(lost.connection).toBe('lost')
    expect(lost.overview?.stack.reason).toBe('whole')
    expect(applyDelta(lost, delta(5), 2_000)).toBe(lost)
  })

  it('ends with the newest facts for any order, loss and repetition, once every gap is answered by a whole', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }), (numbers) => {
        let state = applyWhole(emptyState, whole(0), 0)
        let newest = 0
        for (const seq of numbers) {
          newest = Math.max(newest, seq)
          state = applyDelta(state, delta(seq), seq)
          if (state.needsWhole) state = applyWhole(state, whole(newest, newest, `delta ${newest}`), newest)
        }
        expect(state.seq).toBe(newest)
        if (newest > 0) expect(state.overview?.stack.reason).toBe(`delta ${newest}`)
      }),
    )
  })
})

describe('the clock', () => {
  it('reckons with a server whose clock stands elsewhere', () => {
    const state = applyWhole(emptyState, whole(0, 1_000), 61_000)
    expect(serverNow(state, 63_000)).toBe(3_000)
  })

  it('takes the smallest difference, which has the least delay in it', () => {
    const slow = applyWhole(emptyState, whole(0, 1_000), 1_900)
    const quick = applyDelta(slow, delta(1, 2_000), 2_010)
    expect(quick.skewMs).toBe(10)
    expect(applyDelta(quick, delta(2, 3_000), 3_700).skewMs).toBe(10)
  })
})

describe('the remembered rates', () => {
  it('keeps one sample a second, unknown as unknown, and not without end', () => {
    let state = applyWhole(emptyState, whole(0, 0), 0)
    for (let i = 1; i <= rateSamples * 3; i++) {
      const at = i * 500
      state = applyDelta(state, { seq: i, at, changes: { stages: [stage(i === rateSamples * 3 ? null : i)] } }, at)
    }
    const seconds = state.rates.kafka.map((s) => s.second)
    expect(seconds).toEqual([...new Set(seconds)].sort((a, b) => a - b))
    expect(seconds).toHaveLength(rateSamples)
    expect(state.rates.kafka.at(-1)?.rate).toBeNull()
    expect(state.rates.druid).toEqual([])
  })
})
