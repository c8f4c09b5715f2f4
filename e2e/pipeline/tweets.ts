/** A tweets file with everything that has ever broken a pipeline, and what must come out at the other end. */
import { writeFile } from 'node:fs/promises'

export interface Expected {
  readonly userId: string
  readonly tweet: string
}

/** Deterministic, so that a failing run can be repeated. (mulberry32) */
function random(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const spice = [
  'plain words',
  'emoji 🐦🔥👩‍👩‍👧‍👦 and ñandú, ¿qué tal?',
  'a "quoted" \'word\' and a back\\slash',
  'line one\nline two\r\nline three\ttabbed',
  '\u0001 control, \u007f delete, \u2028 separator, \ufeff mark',
  'RT @user: https://example.org/?a=1&b=2 #tag',
  '{"json": ["inside", null]}',
  ' leading and trailing ',
  '漢字 العربية עברית',
]

const between = (next: () => number, low: bigint, high: bigint): bigint =>
  low + (((BigInt(Math.floor(next() * 2 ** 32)) << 20n) + BigInt(Math.floor(next() * 2 ** 20))) % (high - low))

/** `count` tweets in the original's shape: 15 % of the ids above 2^53, empty lists, `id` before or after `tweets`. */
export async function writeTweets(path: string, count: number, seed: number): Promise<Expected[]> {
  const next = random(seed)
  const expected: Expected[] = []
  const users: string[] = []
  while (expected.length < count) {
    const userId = String(next() < 0.15 ? between(next, 2n ** 53n, 2n ** 60n) : between(next, 1n, 2n ** 31n))
    const size = next() < 0.05 ? 0 : Math.min(1 + Math.floor(next() * 40), count - expected.length)
    const tweets = Array.from(
      { length: size },
      () => `${spice[Math.floor(next() * spice.length)]} ${expected.length}-${next()}`,
    )
    for (const tweet of tweets) expected.push({ userId, tweet })
    const list = `"tweets": ${ascii(JSON.stringify(tweets, null, 4))}`
    users.push(next() < 0.5 ? `  {\n  ${list},\n  "id": ${userId}\n  }` : `  {\n  "id": ${userId},\n  ${list}\n  }`)
  }
  await writeFile(path, `[\n${users.join(',\n')}\n]\n`)
  return expected
}

/** The original file escapes everything beyond ASCII. */
const ascii = (json: string): string =>
  json.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
