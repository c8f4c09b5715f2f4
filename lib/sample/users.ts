/** Synthetic people in the proportions of the real files: ids, profiles and personality labels. */
import { exactShares, permutation, type Random, seededRandom } from './random.ts'
import { asciiJson } from './texts.ts'

/** Users of the real files; the counts below are out of these. */
export const realUsers = 8_328

/** Rows for each type in the real labels. */
export const typeCounts = {
  infj: 917,
  intj: 905,
  enfp: 900,
  infp: 899,
  enfj: 723,
  intp: 712,
  entj: 677,
  entp: 586,
  isfj: 420,
  istj: 342,
  esfj: 236,
  isfp: 232,
  estj: 221,
  istp: 209,
  esfp: 202,
  estp: 147,
} as const
export type MbtiType = keyof typeof typeCounts
const types = Object.keys(typeCounts) as MbtiType[]

/** Shares of the real files, and for ids the share above 2^53, which JSON numbers in JavaScript do not keep. */
export const shares = {
  largeId: 0.15,
  noLocation: 1_199 / realUsers,
  verified: 94 / realUsers,
  spacedLabel: 7_429 / realUsers,
} as const

/** 8·J + 4·T + 2·S + 1·E. */
export function personalityId(type: MbtiType): number {
  const [attitude, perceiving, judging, order] = type
  return (order === 'j' ? 8 : 0) + (judging === 't' ? 4 : 0) + (perceiving === 's' ? 2 : 0) + (attitude === 'e' ? 1 : 0)
}

export interface Population {
  readonly count: number
  /** Decimal digits, exact; different for every index. */
  id(index: number): string
  type(index: number): MbtiType
  /** Whether the label row has the real file's space before `pers_id`. */
  spaced(index: number): boolean
  hasLocation(index: number): boolean
  verified(index: number): boolean
}

const smallest = 10_000
const smallSpan = 4_000_000_000
const largest = 1_700_000_000_000_000_000n
const largeStart = 700_000_000_000_000_000n

/** Some 10 bytes for each user, whatever the number of tweets. The same for the same seed and count. */
export function population(count: number, seed: number): Population {
  const classes = (purpose: string, weights: readonly number[]) =>
    exactShares(seededRandom(seed, purpose), count, weights)
  const yes = (purpose: string, share: number) => classes(purpose, [1 - share, share])
  const large = yes('large ids', shares.largeId)
  const location = yes('locations', 1 - shares.noLocation)
  const verified = yes('verified', shares.verified)
  const spaced = yes('spaced labels', shares.spacedLabel)
  const type = classes('types', Object.values(typeCounts))
  // Each user owns one slice of the number range, so that ids differ without a table of those given.
  const rank = permutation(seededRandom(seed, 'id order'), count)
  const offsets = Uint32Array.from({ length: count }, () => 0)
  const random = seededRandom(seed, 'id offsets')
  for (let i = 0; i < count; i += 1) offsets[i] = random.below(2 ** 32)
  const smallStep = Math.floor(smallSpan / count)
  const largeStep = (largest - largeStart) / BigInt(count)
  const fraction = (index: number) => offsets[index] ?? 0
  return {
    count,
    id: (index) => {
      const slice = rank[index] ?? 0
      if (large[index] !== 1) return String(smallest + slice * smallStep + (fraction(index) % smallStep))
      return String(largeStart + BigInt(slice) * largeStep + ((BigInt(fraction(index)) * 7_919n) % largeStep))
    },
    type: (index) => types[type[index] ?? 0] as MbtiType,
    spaced: (index) => spaced[index] === 1,
    hasLocation: (index) => location[index] === 1,
    verified: (index) => verified[index] === 1,
  }
}

const firsts = [
  'Quiet',
  'Amber',
  'Late',
  'Northern',
  'Paper',
  'Salt',
  'Little',
  'Electric',
  'Velvet',
  'Lucky',
  'Hollow',
]
const seconds = [
  'Finch',
  'Heron',
  'Wren',
  'Swift',
  'Robin',
  'Plover',
  'Starling',
  'Magpie',
  'Osprey',
  'Siskin',
  'Kestrel',
]
const places = [
  'London',
  'New York, NY',
  'Bogotá, Colombia',
  'São Paulo',
  'Madrid, España',
  'Lagos, Nigeria',
  'Manila',
  'Toronto',
  'Mumbai, India',
  'München',
  '東京',
  'somewhere only we know',
]

/** Long tail: most small, few very large. */
const heavyTail = (random: Random, scale: number): number =>
  Math.floor(scale * (1 / (1 - random.next() * 0.9999) ** 0.7 - 1))

/** What a user's own texts say about the profile. */
export interface TextCounts {
  tweets: number
  hashtags: number
  mentions: number
}

/** One object of `users1.json`, its fields in the real order, lines indented by four. */
export function profileJson(people: Population, index: number, texts: TextCounts, random: Random): string {
  const name = `${random.pick(firsts)}${random.pick(seconds)}${random.below(10_000)}`
  const place = random.pick(places)
  const retweets = heavyTail(random, 40)
  const fields: [string, string | number][] = [
    ['screen_name', asciiJson(name)],
    ['location', asciiJson(people.hasLocation(index) ? place : 'NaN')],
    ['verified', String(people.verified(index))],
    ['statuses_count', texts.tweets + heavyTail(random, 3_000)],
    ['total_retweet_count', retweets],
    ['total_favorite_count', Math.floor(retweets * (0.5 + random.next() * 3)) + heavyTail(random, 20)],
    ['total_hashtag_count', texts.hashtags],
    ['total_mentions_count', texts.mentions],
    ['total_media_count', random.below(texts.tweets + 1)],
    ['id', people.id(index)],
  ]
  return `    {\n${fields.map(([field, value]) => `        "${field}": ${value}`).join(',\n')}\n    }`
}

/** One row of `mbti_labels.csv`. */
export function labelRow(people: Population, index: number): string {
  const type = people.type(index)
  return `${people.id(index)},${type},${people.spaced(index) ? ' ' : ''}${personalityId(type)}\n`
}
