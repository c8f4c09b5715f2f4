import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Mode, Reject } from '#lib/pipeline/run.ts'
import { createSource, FileFault, type Source } from './index.ts'
import { textOf } from './whole-file.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'aviary-source-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const bigId = '1212121212121212129'
const users = Array.from({ length: 200 }, (_, u) => ({
  tweets: Array.from({ length: u % 5 }, (_, t) => `é ${u}/${t} "😀"`),
  u,
}))
const all = users.flatMap(({ tweets, u }) => tweets.map((t) => `${u === 7 ? bigId : u}:${t}`))
const json = `[${users.map(({ tweets, u }) => JSON.stringify({ tweets, id: 0 }, null, 2).replace(/0\n}$/, `${u === 7 ? bigId : u}}`)).join(',\n')}]`
const lines = users
  .map(({ tweets, u }) => tweets.map((tweet) => JSON.stringify({ user_id: u, tweet })).join('\n'))
  .join('\n')

function make(
  content: string | Buffer,
  options: { mode?: Mode; loop?: boolean; seed?: number } = {},
): { source: Source; rejects: Reject[] } {
  const file = join(dir, 'tweets')
  writeFileSync(file, content)
  const rejects: Reject[] = []
  const { mode = 'sequential', loop = false, seed = 1 } = options
  const source = createSource({ file, mode, loop: () => loop, seed, needsTime: () => false, scratch: dir }, (r) =>
    rejects.push(r),
  )
  return { source, rejects }
}

/** Up to `count` tweets from where the source stands. */
async function take(source: Source, count: number): Promise<string[]> {
  const got: string[] = []
  while (got.length < count) {
    const tweet = source.take()
    if (tweet !== null) got.push(`${tweet.userId}:${textOf(tweet)}`)
    else if (source.ended) break
    else await source.more()
  }
  return got
}

async function rest(source: Source): Promise<{ got: string[]; fault: FileFault | null }> {
  const got: string[] = []
  try {
    for (;;) {
      const [next] = await take(source, 1)
      if (next === undefined) return { got, fault: null }
      got.push(next)
    }
  } catch (fault) {
    if (!(fault instanceof FileFault)) throw fault
    return { got, fault }
  }
}

describe('sequential', () => {
  it.each([
    ['plain', Buffer.from(json)],
    ['gzip, by its magic bytes', gzipSync(json)],
    ['gzip of two members', Buffer.concat([gzipSync(json.slice(0, 999)), gzipSync(json.slice(999))])],
  ])('reads every tweet in order: %s', async (_, content) => {
    const { source } = make(content)
    await source.open({ pass: 0, index: 0 })
    expect(await take(source, 10_000)).toEqual(all)
    expect([source.ended, source.bytesRead, source.bytesTotal]).toEqual([true, content.length, content.length])
    await source.close()
  })

  it.each([
    ['plain', (b: Buffer) => b],
    ['gzip', (b: Buffer) => gzipSync(b)],
  ])('seeks in both directions: %s', async (_, pack) => {
    const { source } = make(pack(Buffer.from(json)))
    for (const index of [300, 5, 399, 0]) {
      await source.open({ pass: 0, index })
      expect(source.position).toEqual({ pass: 0, index })
      expect(await take(source, 3)).toEqual(all.slice(index, index + 3))
    }
    await source.open({ pass: 0, index: 5_000 })
    expect(await take(source, 1)).toEqual([])
    await source.close()
  })

  it('passes again and again when it loops, counting each bad tweet once', async () => {
    const { source, rejects } = make('[{"tweets":["a",5,"b"],"id":1}]', { loop: true })
    await source.open({ pass: 0, index: 0 })
    expect(await take(source, 5)).toEqual(['1:a', '1:b', '1:a', '1:b', '1:a'])
    expect(source.position).toEqual({ pass: 2, index: 1 })
    expect(rejects).toHaveLength(1)
    await source.close()
  })

  it('does not loop for ever over a file without a tweet', async () => {
    const { source } = make('[{"tweets":[5],"id":1}]', { loop: true })
    await source.open({ pass: 0, index: 0 })
    expect(await take(source, 1)).toEqual([])
    await source.close()
  })

  it('sends everything before the break of truncated gzip, also at the end of a line', async () => {
    const packed = gzipSync(lines)
    for (const cut of [packed.length - 8, Math.floor(packed.length / 2)]) {
      const { source } = make(packed.subarray(0, cut))
      await source.open({ pass: 0, index: 0 })
      const { got, fault } = await rest(source)
      expect(got.length).toBeGreaterThan(50)
      expect(got).toEqual(all.map((t) => t.replace(bigId, '7')).slice(0, got.length))
      expect(fault?.message).toMatch(
        /^line \d+, column \d+: the gzip data cannot be unpacked further: unexpected end of file/,
      )
      await source.close()
    }
  })

  it('throws where there is no file', () => {
    const options = {
      file: join(dir, 'none'),
      mode: 'sequential',
      loop: () => false,
      seed: 1,
      needsTime: () => false,
      scratch: dir,
    } as const
    expect(() => createSource(options, () => {})).toThrow(/ENOENT/)
  })
})

describe('shuffle', () => {
  it.each([
    ['users', json, all],
    ['packed users', gzipSync(json), all],
    ['lines', lines, all.map((t) => t.replace(bigId, '7'))],
  ])('takes each tweet once, in an order that the seed fixes: %s', async (_, content, expected) => {
    const runs: string[][] = []
    for (const seed of [1, 1, 2]) {
      const { source } = make(content, { mode: 'shuffle', seed })
      await source.open({ pass: 0, index: 0 })
      expect(source.left).toBe(expected.length)
      runs.push(await take(source, 10_000))
      await source.close()
    }
    expect(runs[0]).toEqual(runs[1])
    expect(runs[0]).not.toEqual(runs[2])
    expect(runs[0]).not.toEqual(expected)
    for (const run of runs) expect(run.toSorted()).toEqual(expected.toSorted())
  })

  it('goes on anywhere, and has another order in each pass', async () => {
    const { source } = make(json, { mode: 'shuffle', loop: true })
    await source.open({ pass: 0, index: 0 })
    const twice = await take(source, all.length * 2)
    expect(twice.slice(all.length)).not.toEqual(twice.slice(0, all.length))
    expect(twice.slice(all.length).toSorted()).toEqual(all.toSorted())
    await source.open({ pass: 1, index: 100 })
    expect(await take(source, 5)).toEqual(twice.slice(all.length + 100, all.length + 105))
    await source.close()
  })

  it.each([[false], [true]])('tells the break of a file after what came before it, looping: %s', async (loop) => {
    const broken = '[{"tweets":["a",5,"b"],"id":1},{"id":2,"tweets":["c", x'
    const { source, rejects } = make(broken, { mode: 'shuffle', loop })
    await source.open({ pass: 0, index: 0 })
    const { got, fault } = await rest(source)
    expect(got.toSorted()).toEqual(['1:a', '1:b', '2:c'])
    expect(rejects).toMatchObject([{ index: 1 }])
    expect(fault?.message).toBe('line 1, column 55: expected a value, found x')
    await source.close()
  })
})

describe('random', () => {
  it('draws users alike, then their tweets, and can repeat any draw', async () => {
    const { source } = make('[{"tweets":["a"],"id":1},{"tweets":[],"id":2},{"tweets":["b","c","d"],"id":3}]', {
      mode: 'random',
    })
    await source.open({ pass: 0, index: 0 })
    const drawn = await take(source, 4_000)
    const share = (text: string) => drawn.filter((t) => t.endsWith(text)).length / drawn.length
    expect(share(':a')).toBeCloseTo(1 / 2, 1)
    for (const text of [':b', ':c', ':d']) expect(share(text)).toBeCloseTo(1 / 6, 1)
    await source.open({ pass: 0, index: 1_234 })
    expect(await take(source, 100)).toEqual(drawn.slice(1_234, 1_334))
    await source.close()
  })

  it('draws as often as there are tweets before the break of a file, then tells it', async () => {
    const { source } = make('[{"tweets":["a","b"],"id":1},{"id":2,"tweets":["c", x', { mode: 'random' })
    await source.open({ pass: 0, index: 0 })
    const { got, fault } = await rest(source)
    expect(got).toHaveLength(3)
    expect(fault?.message).toBe('line 1, column 53: expected a value, found x')
    await source.close()
  })

  it('refuses a file that breaks before its first tweet', async () => {
    const { source } = make('[{"tweets":[', { mode: 'random' })
    await expect(source.open({ pass: 0, index: 0 })).rejects.toThrow(FileFault)
    await source.close()
  })
})
