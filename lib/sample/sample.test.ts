import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSafeNumber, parse } from 'lossless-json'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildSample, generateTweets, personalityId, provenanceFile, readProvenance } from './index.ts'
import { exactShares, permutation, seededRandom } from './random.ts'
import { asciiJson, decodeEntities, readTexts } from './texts.ts'
import { realUsers, typeCounts } from './users.ts'

const texts = 60
let dir: string
let textDir: string

/** JSON with every number kept as its digits. */
const exact = async <T>(file: string): Promise<T> =>
  parse(await readFile(file, 'utf8'), null, { parseNumber: (digits: string) => digits }) as T
const unsafe = (id: string): boolean => !isSafeNumber(id)
const out = (name: string) => join(dir, name)

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sample-'))
  textDir = join(dir, 'texts')
  await mkdir(textDir)
  const rows = Array.from(
    { length: texts },
    (_, i) => `${i + 1}\t${(i % 9) - 4}\t@anonymous n° ${i} &lt;3 "q" #é \u{1f426}`,
  )
  await writeFile(join(textDir, 'tweets_GroundTruth.txt'), rows.join('\r\n'))
  await writeFile(join(textDir, 'LICENSE.txt'), 'MIT')
  await buildSample({ textDir, outDir: out('full'), users: realUsers, tweetsPerUser: 3, seed: 7 })
}, 60_000)
afterAll(() => rm(dir, { recursive: true, force: true }))

describe('tweets.json', () => {
  const read = () => exact<{ id: string; tweets: string[] }[]>(out('full/tweets.json'))

  it('is an indented array in ASCII with the tweets asked for', async () => {
    const text = await readFile(out('full/tweets.json'), 'latin1')
    expect(text).toMatch(/^\[\n {4}\{\n {8}"(tweets|id)": /)
    expect(/[^\x20-\x7e\n]/.test(text)).toBe(false)
    const users = await read()
    expect(users).toHaveLength(realUsers)
    expect(users.flatMap(({ tweets }) => tweets)).toHaveLength(realUsers * 3)
    expect(users.every((user) => Object.keys(user).sort().join() === 'id,tweets')).toBe(true)
  })

  it('has empty lists, and ids before and after the tweets', async () => {
    const users = await read()
    expect(users.filter(({ tweets }) => tweets.length === 0).length).toBeGreaterThan(100)
    const first = users.filter((user) => Object.keys(user)[0] === 'id').length
    expect(first / users.length).toBeCloseTo(0.1, 3)
  })

  it('keeps the texts exact, entities decoded, each once before any again', async () => {
    const all = (await read()).flatMap(({ tweets }) => tweets)
    expect(all[0]).toMatch(/^@anonymous n° \d+ <3 "q" #é \u{1f426}$/u)
    for (const round of [all.slice(0, texts), all.slice(texts, 2 * texts)]) expect(new Set(round).size).toBe(texts)
    expect(all.slice(0, texts)).not.toEqual(all.slice(texts, 2 * texts))
  })

  it('has different ids, 15 % of them above 2^53 and below 2^63', async () => {
    const ids = (await read()).map(({ id }) => id)
    expect(new Set(ids).size).toBe(realUsers)
    expect(ids.filter((id) => BigInt(id) > 2n ** 53n)).toHaveLength(Math.round(realUsers * 0.15))
    expect(ids.every((id) => /^[1-9]\d*$/.test(id) && BigInt(id) < 2n ** 63n)).toBe(true)
    expect(ids.filter(unsafe).length).toBeGreaterThan(1_000)
  })
})

describe('the other files', () => {
  it('users1.json: the real shares, the same people', async () => {
    const users = await exact<Record<string, unknown>[]>(out('full/users1.json'))
    expect(Object.keys(users[0] ?? {})).toEqual([
      'screen_name',
      'location',
      'verified',
      'statuses_count',
      'total_retweet_count',
      'total_favorite_count',
      'total_hashtag_count',
      'total_mentions_count',
      'total_media_count',
      'id',
    ])
    expect(users.filter(({ location }) => location === 'NaN')).toHaveLength(1_199)
    expect(users.filter(({ verified }) => verified === true)).toHaveLength(94)
    const tweets = await exact<{ id: string; tweets: string[] }[]>(out('full/tweets.json'))
    expect(users.map(({ id }) => id)).toEqual(tweets.map(({ id }) => id))
    expect(users.map((user) => user.total_mentions_count)).toEqual(tweets.map((user) => String(user.tweets.length)))
  })

  it('mbti_labels.csv: the real counts of types and spaces', async () => {
    const [head, ...rows] = (await readFile(out('full/mbti_labels.csv'), 'utf8')).trimEnd().split('\n')
    expect(head).toBe('id,mbti_personality,pers_id')
    const counts: Record<string, number> = {}
    for (const row of rows) {
      const [, type = '', number = ''] = row.split(',')
      counts[type] = (counts[type] ?? 0) + 1
      expect(Number(number)).toBe(personalityId(type as keyof typeof typeCounts))
    }
    expect(counts).toEqual(typeCounts)
    expect(rows.filter((row) => row.includes(', '))).toHaveLength(7_429)
  })

  it('edges1.json: sizes, asymmetry, and some lists as text', async () => {
    type Edges = { id: string; follows: string[] | string; is_followed_by: string[] | string }
    const edges = await exact<Edges[]>(out('full/edges1.json'))
    const list = (value: string[] | string) => (typeof value === 'string' ? value.split(', ').filter(Boolean) : value)
    const follows = edges.flatMap((e) => list(e.follows).map((other) => `${e.id}>${other}`))
    const followedBy = new Set(edges.flatMap((e) => list(e.is_followed_by).map((other) => `${other}>${e.id}`)))
    const both = follows.filter((edge) => followedBy.has(edge))
    expect([edges.length, new Set(follows).size, followedBy.size, both.length]).toEqual([6_067, 16_215, 15_226, 8_435])
    expect(edges.every((e) => list(e.follows).length <= 5 && list(e.is_followed_by).length <= 5)).toBe(true)
    expect(edges.some((e) => typeof e.follows === 'string' && e.follows.includes(', '))).toBe(true)
  })

  it('sentiment.csv has every real text with its rating', async () => {
    const lines = (await readFile(out('full/sentiment.csv'), 'utf8')).trimEnd().split('\n')
    expect(lines).toHaveLength(texts + 1)
    expect(lines[1]).toBe('"@anonymous n° 0 <3 ""q"" #é \u{1f426}",-4')
  })

  it('PROVENANCE.json says what is real, and is there only when all is', async () => {
    const provenance = await readProvenance(out('full'))
    expect(provenance).toMatchObject({ seed: 7, users: realUsers, tweets: realUsers * 3, realTexts: texts })
    for (const [name, { bytes }] of Object.entries(provenance?.files ?? {}))
      expect((await stat(out(`full/${name}`))).size).toBe(bytes)
    const stopped = { textDir, outDir: out('full'), users: 50, signal: AbortSignal.abort() }
    await expect(buildSample(stopped)).rejects.toThrow()
    expect(await readProvenance(out('full'))).toBeNull()
    expect((await readdir(out('full'))).filter((name) => name.endsWith('.part') || name === provenanceFile)).toEqual([])
  })
})

describe('seeds and sizes', () => {
  it('give the same bytes again, and others for another seed', async () => {
    for (const [name, seed] of [
      ['a', 1],
      ['b', 1],
      ['c', 2],
    ] as const)
      await buildSample({ textDir, outDir: out(name), users: 40, tweetsPerUser: 5, seed })
    for (const name of await readdir(out('a'))) {
      const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((folder) => readFile(join(out(folder), name), 'utf8')))
      expect(b).toBe(a)
      if (/^(tweets|users1|edges1)/.test(name)) expect(c).not.toBe(a)
    }
  })

  it.each([1, 2, 3])('work for %i users', async (users) => {
    await buildSample({ textDir, outDir: out('few'), users, tweetsPerUser: 2, seed: 1 })
    expect(await exact<unknown[]>(out('few/tweets.json'))).toHaveLength(users)
    await exact(out('few/edges1.json'))
  })

  it('are refused when they make no sense', async () => {
    await expect(buildSample({ textDir, outDir: out('none'), users: 0 })).rejects.toThrow(/users must be/)
    await expect(buildSample({ textDir, outDir: out('none'), tweetsPerUser: 1.5 })).rejects.toThrow(/tweetsPerUser/)
  })
})

describe('generateTweets', () => {
  it('writes exactly users × tweets, padded where asked', async () => {
    const options = { users: 30, tweets: 4, seed: 5, textDir }
    const plain = await generateTweets({ ...options, outFile: out('plain.json') })
    const padded = await generateTweets({ ...options, outFile: out('padded.json'), padTo: 600 })
    expect([plain, padded]).toEqual([(await stat(out('plain.json'))).size, (await stat(out('padded.json'))).size])
    const users = await exact<{ tweets: string[] }[]>(out('padded.json'))
    expect(users.map(({ tweets }) => tweets.length)).toEqual(Array(30).fill(4))
    expect(padded).toBeGreaterThan(30 * 4 * 600)
    expect(/[^\x20-\x7e\n]/.test(await readFile(out('padded.json'), 'latin1'))).toBe(false)
  })

  it('leaves no file when stopped', async () => {
    const stopped = {
      users: 30,
      tweets: 4,
      seed: 5,
      textDir,
      outFile: out('stopped.json'),
      signal: AbortSignal.abort(),
    }
    await expect(generateTweets(stopped)).rejects.toThrow()
    expect((await readdir(dir)).filter((name) => name.startsWith('stopped'))).toEqual([])
  })
})

describe('parts', () => {
  it('decode entities once', () => {
    expect(decodeEntities('&amp;lt; &lt;3 &gt; &#39;&#x41; &unknown; & &#0;')).toBe("&lt; <3 > 'A &unknown; & &#0;")
  })

  it('escape as Python does', () => {
    expect(asciiJson('é"\n\u{1f426}\u007f')).toBe('"\\u00e9\\"\\n\\ud83d\\udc26\\u007f"')
  })

  it('name file and line of a broken table', async () => {
    const broken = join(dir, 'broken')
    await mkdir(broken)
    await writeFile(join(broken, 'tweets_GroundTruth.txt'), '1\t0.5\tfine\n2\tnothing')
    await expect(readTexts(broken)).rejects.toThrow(/tweets_GroundTruth\.txt line 2/)
  })

  it('divide exactly', () => {
    const random = seededRandom(1, 'x')
    const classes = exactShares(random, 1_000, [0.5, 0.25, 0.25])
    expect([0, 1, 2].map((wanted) => classes.filter((found) => found === wanted).length)).toEqual([500, 250, 250])
    expect([...permutation(random, 100)].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })

  it('number the types: 8·J + 4·T + 2·S + 1·E', () => {
    expect(personalityId('infj')).toBe(8)
    expect(personalityId('estj')).toBe(15)
    expect(personalityId('infp')).toBe(0)
  })
})
