import { describe, expect, it } from 'vitest'
import type { TapBatch } from '#lib/live/events.ts'
import type { TapMessage } from '#lib/pipeline/message.ts'
import { applyBatch, applyTapState, emptyTap, keptMessages } from './taps.ts'

const message = (value: string): TapMessage => ({
  topic: 'tweets',
  key: null,
  value,
  headers: {},
  partition: null,
  offset: null,
  at: 0,
})

const batch = (seq: number, values: string[], passed = values.length): TapBatch => ({
  source: 'kafka',
  seq,
  messages: values.map(message),
  passed,
  intervalMs: 200,
})

describe('a tap', () => {
  it('shows the newest first and gives every message a key of its own', () => {
    const view = applyBatch(applyBatch(emptyTap, batch(0, ['a', 'b'])), batch(1, ['c']))
    expect(view.messages.map((m) => m.message.value)).toEqual(['c', 'b', 'a'])
    expect(new Set(view.messages.map((m) => m.key)).size).toBe(3)
  })

  it('tells what is shown from what passes, a second', () => {
    const view = applyBatch(applyBatch(emptyTap, batch(0, ['a'], 100)), batch(1, ['b', 'c'], 300))
    expect(view.shownRate).toBeCloseTo(7.5)
    expect(view.passedRate).toBeCloseTo(1_000)
  })

  it('forgets what is older than its window', () => {
    let view = applyBatch(emptyTap, batch(0, [], 1_000_000))
    for (let seq = 1; seq <= 20; seq++) view = applyBatch(view, batch(seq, [], 0))
    expect(view.passedRate).toBe(0)
  })

  it('counts the batches that never came, but not a tap that was opened anew', () => {
    const gap = applyBatch(applyBatch(emptyTap, batch(3, [])), batch(6, []))
    expect(gap.missedBatches).toBe(2)
    expect(applyBatch(gap, batch(0, [])).missedBatches).toBe(2)
    const reopened = applyTapState(gap, { source: 'kafka', state: 'connecting', reason: null })
    expect(applyBatch(reopened, batch(50, [])).missedBatches).toBe(2)
  })

  it('keeps a bounded number of messages', () => {
    let view = emptyTap
    for (let seq = 0; seq < 40; seq++)
      view = applyBatch(
        view,
        batch(
          seq,
          Array.from({ length: 20 }, () => 'x'),
        ),
      )
    expect(view.messages).toHaveLength(keptMessages)
  })

  it('knows no rate of a tap that is not open, and keeps its messages', () => {
    const view = applyTapState(applyBatch(emptyTap, batch(0, ['a'])), {
      source: 'kafka',
      state: 'closed',
      reason: 'gone',
    })
    expect(view).toMatchObject({ state: 'closed', reason: 'gone', shownRate: null, passedRate: null })
    expect(view.messages).toHaveLength(1)
  })
})
