import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nothingKnown, type Overview } from '#lib/pipeline/snapshot.ts'
import type { OverviewDelta } from './events.ts'
import { Hub } from './hub.ts'

const empty = nothingKnown

/** A source of facts in this process: what the monitor is to the hub. */
function source() {
  let current = empty
  const listeners = new Set<(changes: Partial<Overview>) => void>()
  return {
    overview: () => current,
    onChange: (listener: (changes: Partial<Overview>) => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    change: (changes: Partial<Overview>) => {
      current = { ...current, ...changes }
      for (const listener of listeners) listener(changes)
    },
    listeners,
  }
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

describe('the hub', () => {
  it('gathers changes of an interval into one numbered delta', () => {
    const facts = source()
    const hub = new Hub(facts, { batchMs: 100, heartbeatMs: 10_000 })
    const deltas: OverviewDelta[] = []
    hub.subscribe((d) => deltas.push(d))
    const first = hub.whole().seq
    facts.change({ connectors: [] })
    facts.change({ supervisors: [] })
    facts.change({ connectors: null })
    vi.advanceTimersByTime(100)
    facts.change({ supervisors: null })
    vi.advanceTimersByTime(100)
    expect(deltas.map((d) => [d.seq - first, d.changes])).toEqual([
      [1, { connectors: null, supervisors: [] }],
      [2, { supervisors: null }],
    ])
    hub.close()
  })

  it('gives every viewer the same numbers, and a late one a whole that fits them', () => {
    const facts = source()
    const hub = new Hub(facts, { batchMs: 100, heartbeatMs: 10_000 })
    const [early, late]: [OverviewDelta[], OverviewDelta[]] = [[], []]
    hub.subscribe((d) => early.push(d))
    facts.change({ connectors: [] })
    vi.advanceTimersByTime(100)
    facts.change({ supervisors: [] })
    hub.subscribe((d) => late.push(d))
    const whole = hub.whole()
    vi.advanceTimersByTime(100)
    expect(whole.seq).toBe(early[0]?.seq)
    expect(late).toEqual([early[1]])
    expect(late[0]?.seq).toBe(whole.seq + 1)
    hub.close()
  })

  it('sends an empty delta when nothing happens, so that silence is told from a dead line', () => {
    const hub = new Hub(source(), { batchMs: 100, heartbeatMs: 5_000 })
    const deltas: OverviewDelta[] = []
    hub.subscribe((d) => deltas.push(d))
    vi.advanceTimersByTime(15_000)
    expect(deltas.map((d) => d.changes)).toEqual([{}, {}, {}])
    hub.close()
  })

  it('holds nothing while nobody listens and lets its source go at the end', () => {
    const facts = source()
    const hub = new Hub(facts, { batchMs: 100, heartbeatMs: 5_000 })
    const leave = hub.subscribe(() => undefined)
    leave()
    facts.change({ connectors: [] })
    expect(vi.getTimerCount()).toBe(0)
    hub.close()
    expect(facts.listeners.size).toBe(0)
  })
})
