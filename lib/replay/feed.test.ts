/** Which tweet a seq carries, and where a run ends, whatever its course and however often its process is killed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Bounds, Mode } from '#lib/pipeline/run.ts'
import { Feed } from './feed.ts'
import { Journal } from './journal.ts'
import { createSource, type Source } from './source/index.ts'
import { textOf } from './source/whole-file.ts'

vi.setConfig({ testTimeout: 90_000 })

const texts = ['a', 'b', 'c', 'd', 'e']
const modes = ['sequential', 'shuffle'] as const
const once: Bounds = { loop: false, limit: null }
const again: Bounds = { loop: true, limit: null }

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'aviary-feed-'))
  writeFileSync(join(dir, 'tweets.json'), JSON.stringify([{ tweets: texts, id: 1 }]))
})
afterEach(() => rmSync(dir, { recursive: true }))

/** One process of a run. */
class Process {
  readonly #journal: Journal
  readonly #source: Source
  readonly feed: Feed
  /** Read, but not sent yet, as a message that waits for its time. */
  #head: string | null = null
  over = false

  constructor(began: Bounds, mode: Mode = 'sequential') {
    this.#journal = Journal.open(join(dir, 'positions'), began)
    const file = join(dir, 'tweets.json')
    const options = { file, mode, seed: 1, loop: () => this.feed.loop, needsTime: () => false, scratch: dir }
    this.#source = createSource(options, () => {})
    this.feed = new Feed(this.#source, this.#journal)
  }

  /** The text of message `seq`; null at the end. */
  async text(seq: number): Promise<string | null> {
    await this.peek(seq)
    if (this.over) return null
    const head = this.#head
    this.#head = null
    return head
  }

  async peek(seq: number): Promise<void> {
    while (this.#head === null && !this.over) {
      const tweet = this.feed.take(seq)
      if (tweet !== null) this.#head = textOf(tweet)
      else if (this.feed.ended) this.over = true
      else await this.feed.more(seq)
    }
  }

  bound(seq: number, bounds: Bounds): void {
    this.feed.bound(seq, bounds)
    this.over = this.feed.ended
  }

  seek(seq: number, index: number, version: number): void {
    this.#head = null
    this.over = false
    this.feed.seek(seq, index, version)
  }

  async texts(from: number, to: number): Promise<(string | null)[]> {
    const all: (string | null)[] = []
    for (let seq = from; seq < to; seq++) all.push(await this.text(seq))
    return all
  }

  async kill(): Promise<void> {
    this.#journal.close()
    await this.#source.close()
  }
}

/** A process that goes on at `seq`, as all before it is safe. */
async function later(began: Bounds, seq: number, mode?: Mode): Promise<Process> {
  const process = new Process(began, mode)
  await process.feed.begin(seq)
  return process
}

it.each(modes)('the last message waits for its time while the bounds change, and is sent: %s', async (mode) => {
  const process = await later(once, 0, mode)
  await process.texts(0, 4)
  await process.peek(4)
  process.bound(4, once)
  expect(await process.texts(4, 6)).toEqual([expect.any(String), null])
  await process.kill()
})

describe('a loop that is turned off', () => {
  it('ends with the pass under way, also for the process after a crash', async () => {
    const first = await later(again, 0)
    expect(await first.texts(0, 12)).toEqual([...texts, ...texts, 'a', 'b'])
    first.bound(12, once)
    expect(first.over).toBe(false)
    await first.kill()
    for (const from of [0, 7, 12, 14]) {
      const second = await later(again, from)
      expect(await second.texts(from, 16)).toEqual([...texts, ...texts, ...texts, null].slice(from))
      await second.kill()
    }
  })

  it('ends at once where nothing of the next pass has been sent, although that pass had begun', async () => {
    const first = await later(again, 0)
    await first.texts(0, 5)
    expect(await first.text(5)).toBe('a')
    // Message 5 waits for its time. Its tweet is not sent any more, until the loop is on again.
    first.bound(5, once)
    expect(first.over).toBe(true)
    await first.kill()
    const second = await later(again, 3)
    expect(await second.texts(3, 6)).toEqual(['d', 'e', null])
    second.bound(5, again)
    expect(second.over).toBe(false)
    expect(await second.texts(5, 7)).toEqual(['a', 'b'])
    await second.kill()
  })

  it.each(modes)('does not begin a pass that an earlier process had only noted: %s', async (mode) => {
    const first = await later(again, 0, mode)
    expect(await first.texts(0, 6)).not.toContain(null)
    await first.kill()
    const second = await later(again, 3, mode)
    await second.texts(3, 5)
    second.bound(5, once)
    expect(await second.text(5)).toBe(null)
    await second.kill()
    const third = await later(again, 5, mode)
    expect(await third.text(5)).toBe(null)
    await third.kill()
  })
})

it('a limit holds from where it came, and is never below what was sent then', async () => {
  const process = await later({ loop: true, limit: 100 }, 0)
  const { feed } = process
  feed.bound(7, { loop: true, limit: 5 })
  feed.bound(9, { loop: true, limit: 50 })
  expect([6, 7, 9].map((seq) => feed.boundsAt(seq).limit)).toEqual([100, 7, 50])
  expect(feed.wantedBounds).toEqual({ loop: true, limit: 50 })
  await process.kill()
})

type Act =
  | { readonly peek: true }
  | { readonly send: number }
  | { readonly loop: boolean }
  | { readonly seek: number }
  | { readonly lose: number }

const acts = fc.array(
  fc.oneof(
    fc.record({ send: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ loop: fc.boolean() }),
    fc.record({ peek: fc.constant(true as const) }),
    fc.record({ seek: fc.integer({ min: 0, max: 6 }) }),
    fc.record({ lose: fc.integer({ min: 0, max: 20 }) }),
  ),
  { maxLength: 30 },
)

/** Acts and whether the run began with a loop: courses that once ended otherwise after a crash. */
const courses: [Act[], boolean][] = [
  // A pass that has begun, nothing of it sent, is not known to the next process: a seek goes on in the pass before.
  [[{ send: 5 }, { peek: true }, { lose: 1 }, { seek: 0 }, { send: 1 }], true],
  [[{ send: 10 }, { peek: true }, { seek: 0 }, { lose: 0 }, { seek: 0 }, { send: 1 }], true],
  // An earlier process has moved on from the end of a pass: the run is not over, whatever its bounds become.
  [[{ send: 5 }, { seek: 0 }, { lose: 1 }, { loop: false }, { send: 1 }], false],
  // The last message waits for its time while the bounds change: it is sent all the same.
  [[{ seek: 4 }, { peek: true }, { loop: false }, { lose: 0 }, { send: 1 }], false],
]

/** Does the acts and gives what the run has sent; fails where a seq carries another text or end than before. */
async function course(mode: Mode, began: Bounds, all: readonly Act[]): Promise<string[]> {
  let process = await later(began, 0, mode)
  const sent: string[] = []
  for (const [n, act] of all.entries()) {
    if ('loop' in act) process.bound(sent.length, { loop: act.loop, limit: null })
    else if ('seek' in act) process.seek(sent.length, act.seek, n + 1)
    else if ('peek' in act) await process.peek(sent.length)
    else if ('send' in act) {
      for (const text of await process.texts(sent.length, sent.length + act.send)) {
        if (text === null) break
        sent.push(text)
      }
    } else {
      const from = Math.max(0, sent.length - act.lose)
      await process.kill()
      process = await later(began, from, mode)
      expect(await process.texts(from, sent.length)).toEqual(sent.slice(from))
    }
  }
  await process.kill()
  return sent
}

describe.each(modes)('any course of a run: %s', (mode) => {
  it('gives every seq the same text, and the run the same length, with crashes and without', async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.boolean(), async (all, loop) => {
        rmSync(join(dir, 'positions'), { force: true })
        const crashed = await course(mode, { loop, limit: null }, all)
        rmSync(join(dir, 'positions'))
        expect(crashed).toEqual(
          await course(
            mode,
            { loop, limit: null },
            all.filter((act) => !('lose' in act)),
          ),
        )
      }),
      { examples: courses },
    )
  })
})
