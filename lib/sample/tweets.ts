/** `tweets.json`: which texts a user has, and how the file writes them. */
import { exactShares, seededRandom } from './random.ts'
import { asciiJson, endlessOrder, type RealText } from './texts.ts'
import type { TextCounts } from './users.ts'

/** Share of users without a tweet, and of objects whose id stands before the tweets. */
const quirks = { noTweets: 0.02, idFirst: 0.1 } as const

/** One object of the file, lines indented by four. `texts` are JSON strings. */
export function userJson(id: string, texts: readonly string[], idFirst: boolean): string {
  const list = texts.length === 0 ? '[]' : `[\n            ${texts.join(',\n            ')}\n        ]`
  const tweets = `        "tweets": ${list}`
  const idLine = `        "id": ${id}`
  return idFirst ? `    {\n${idLine},\n${tweets}\n    }` : `    {\n${tweets},\n${idLine}\n    }`
}

/**
 * How many tweets each user has: some none, the others from 40 % to 160 % of the rest's mean, in all exactly
 * `users · tweetsPerUser`.
 */
export function tweetCounts(users: number, tweetsPerUser: number, seed: number): Uint32Array {
  const random = seededRandom(seed, 'tweet counts')
  const none = exactShares(random, users, [1 - quirks.noTweets, quirks.noTweets])
  const counts = new Uint32Array(users)
  const weights = Float64Array.from(none, (empty) => (empty === 1 ? 0 : 0.4 + random.next() * 1.2))
  const whole = weights.reduce((sum, weight) => sum + weight, 0)
  // Rounding the running sum, not each share, makes the total exact.
  let sum = 0
  let given = 0
  for (let i = 0; i < users; i += 1) {
    sum += weights[i] ?? 0
    const upTo = whole === 0 ? 0 : Math.round((sum / whole) * users * tweetsPerUser)
    counts[i] = upTo - given
    given = upTo
  }
  return counts
}

/** Which objects have their id first. */
export const idsFirst = (users: number, seed: number): Uint8Array =>
  exactShares(seededRandom(seed, 'id first'), users, [1 - quirks.idFirst, quirks.idFirst])

export interface DrawnTexts {
  /** JSON strings. */
  json: string[]
  counts: TextCounts
}

const occurrences = (text: string, what: RegExp): number => text.match(what)?.length ?? 0

/** Hands out texts in seeded order; every text is used once before any is used again. */
export class TextSource {
  readonly #texts: { json: string; hashtags: number; mentions: number }[]
  readonly #order: Generator<number, never>
  readonly #padTo: number

  /** `padTo`: least number of characters of a text; shorter ones are filled up with further texts. 0: none is. */
  constructor(texts: readonly RealText[], seed: number, padTo = 0) {
    if (texts.length === 0)
      throw new Error('There are no texts to make tweets of; fetch the artifact tweets-text again')
    this.#texts = texts.map(({ text }) => ({
      json: asciiJson(text),
      hashtags: occurrences(text, /#\w/g),
      mentions: occurrences(text, /@\w/g),
    }))
    this.#order = endlessOrder(texts.length, seed)
    this.#padTo = padTo
  }

  draw(count: number): DrawnTexts {
    const drawn: DrawnTexts = { json: [], counts: { tweets: count, hashtags: 0, mentions: 0 } }
    for (let i = 0; i < count; i += 1) {
      const at = this.#order.next().value
      const text = this.#texts[at]
      if (text === undefined) continue
      drawn.counts.hashtags += text.hashtags
      drawn.counts.mentions += text.mentions
      drawn.json.push(this.#padTo === 0 ? text.json : this.#padded(at))
    }
    return drawn
  }

  #padded(start: number): string {
    const parts: string[] = []
    for (let at = start, chars = 0; chars < this.#padTo; at = (at + 1) % this.#texts.length) {
      const part = this.#texts[at]?.json.slice(1, -1) ?? ''
      parts.push(part)
      chars += part.length + 1
    }
    return `"${parts.join(' ')}"`
  }
}
