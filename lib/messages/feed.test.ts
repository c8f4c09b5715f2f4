import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TapRequest } from '#lib/engines/engine.ts'
import { batchMessages, batchMs, type TapBatch, type TapState } from '#lib/live/events.ts'
import type { TapMessage } from '#lib/pipeline/message.ts'
import { TapFeed } from './feed.ts'

const message = (value: string): TapMessage => ({
  topic: 'tweets',
  key: null,
  value,
  headers: {},
  partition: null,
  offset: null,
  at: 0,
})

/** An upstream whose taps the test opens, feeds and breaks. */
function upstream() {
  const opened: { request: TapRequest; closed: boolean }[] = []
  const feed = new TapFeed({
    source: 'kafka',
    topic: 'tweets',
    reopenMs: 1_000,
    open: async (request) => {
      const tap = { request, closed: false }
      opened.push(tap)
      return {
        close: async () => {
          tap.closed = true
        },
      }
    },
  })
  return { feed, opened }
}

function viewer() {
  const batches: TapBatch[] = []
  const states: TapState[] = []
  return { batches, states, batch: (b: TapBatch) => void batches.push(b), state: (s: TapState) => void states.push(s) }
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())
const settle = () => vi.advanceTimersByTimeAsync(0)

describe('a feed', () => {
  it('opens one upstream for any number of viewers and closes it with the last', async () => {
    const { feed, opened } = upstream()
    const leaves = [viewer(), viewer(), viewer()].map((v) => feed.watch(v))
    await settle()
    expect(opened).toHaveLength(1)
    leaves[0]?.()
    leaves[1]?.()
    expect(opened[0]?.closed).toBe(false)
    leaves[2]?.()
    await settle()
    expect(opened[0]?.closed).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('shows a bounded part of each interval and counts all of it', async () => {
    const { feed, opened } = upstream()
    const seen = viewer()
    feed.watch(seen)
    await settle()
    for (let i = 0; i < 1_000; i++) opened[0]?.request.onMessage(message(String(i)))
    await vi.advanceTimersByTimeAsync(batchMs)
    expect(seen.batches).toHaveLength(1)
    expect(seen.batches[0]).toMatchObject({ source: 'kafka', passed: 1_000, intervalMs: batchMs })
    expect(seen.batches[0]?.messages).toHaveLength(batchMessages)
    await feed.close()
  })

  it('numbers its batches and ends a burst with one empty batch', async () => {
    const { feed, opened } = upstream()
    const seen = viewer()
    feed.watch(seen)
    await settle()
    opened[0]?.request.onMessage(message('a'))
    await vi.advanceTimersByTimeAsync(batchMs * 5)
    const [first, second, ...rest] = seen.batches
    expect([first?.passed, second?.passed, rest]).toEqual([1, 0, []])
    expect(second?.seq).toBe((first?.seq ?? 0) + 1)
    await feed.close()
  })

  it('says that an upstream has ended, and opens it again', async () => {
    const { feed, opened } = upstream()
    const seen = viewer()
    feed.watch(seen)
    await settle()
    opened[0]?.request.onEnd(new Error('broker gone'))
    expect(seen.states.at(-1)).toEqual({ source: 'kafka', state: 'closed', reason: 'broker gone' })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(opened).toHaveLength(2)
    expect(seen.states.at(-1)?.state).toBe('open')
    opened[0]?.request.onMessage(message('from the dead one'))
    await vi.advanceTimersByTimeAsync(batchMs)
    expect(seen.batches.at(-1)?.passed ?? 0).toBe(0)
    await feed.close()
  })

  it('closes an upstream that was opened after everybody had left', async () => {
    const { feed, opened } = upstream()
    feed.watch(viewer())()
    await settle()
    expect(opened.every((tap) => tap.closed)).toBe(true)
  })

  it('cuts long payloads and says so', async () => {
    const { feed, opened } = upstream()
    const seen = viewer()
    feed.watch(seen)
    await settle()
    opened[0]?.request.onMessage(message('x'.repeat(100_000)))
    await vi.advanceTimersByTimeAsync(batchMs)
    expect(seen.batches[0]?.messages[0]?.value).toMatch(/^x{8192}… \(91808 more characters\)$/)
    await feed.close()
  })
})
