/** For the tests: what stands in static files and what follows from it, read and computed without anything of this folder. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'lossless-json'

export interface PlainUser {
  readonly id: string
  readonly screen_name: string
  readonly location: string
  readonly verified: boolean
  readonly total_retweet_count: string
  readonly total_favorite_count: string
  readonly total_mentions_count: string
}

export interface PlainFiles {
  readonly users: readonly PlainUser[]
  /** `source destination`, distinct. */
  readonly edges: ReadonlySet<string>
  /** Type by user id. */
  readonly types: ReadonlyMap<string, string>
  readonly tweets: readonly { readonly id: string; readonly tweets: readonly string[] }[]
}

/** Numbers stay their digits. */
const exact = async <T>(path: string): Promise<T> =>
  parse(await readFile(path, 'utf8'), null, { parseNumber: (digits: string) => digits }) as T

export async function readPlain(dir: string): Promise<PlainFiles> {
  type Follower = { id: string; follows: string[] | string; is_followed_by: string[] | string }
  const followers = await exact<Follower[]>(join(dir, 'edges1.json'))
  const list = (ids: string[] | string) => (typeof ids === 'string' ? ids.split(', ').filter(Boolean) : ids)
  const edges = followers.flatMap((f) => [
    ...list(f.follows).map((other) => `${f.id} ${other}`),
    ...list(f.is_followed_by).map((other) => `${other} ${f.id}`),
  ])
  const [, ...rows] = (await readFile(join(dir, 'mbti_labels.csv'), 'utf8')).trim().split('\n')
  return {
    users: await exact(join(dir, 'users1.json')),
    edges: new Set(edges),
    types: new Map(rows.map((row) => row.split(',') as [string, string])),
    tweets: await exact(join(dir, 'tweets.json')),
  }
}

/** Distinct edges between two users with a type, by `follower followed`. */
export function edgesByTypes({ edges, types }: PlainFiles): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const edge of edges) {
    const [follower, followed] = edge.split(' ').map((id) => types.get(id))
    if (follower === undefined || followed === undefined) continue
    const key = `${follower} ${followed}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

/** The middle one of a type's values, or the mean of the two in the middle. */
export function mediansByType(
  { types }: PlainFiles,
  entries: readonly (readonly [id: string, value: bigint])[],
): Record<string, number> {
  const typed = entries.filter(([id]) => types.has(id))
  const medians = [...Map.groupBy(typed, ([id]) => String(types.get(id)))].map(([type, of]) => {
    const values = of.map(([, value]) => Number(value)).sort((a, b) => a - b)
    const [low = 0, high = 0] = [values[(values.length - 1) >> 1], values[values.length >> 1]]
    return [type, (low + high) / 2] as const
  })
  return Object.fromEntries(medians)
}

export const interactionsOf = (user: PlainUser): bigint =>
  BigInt(user.total_retweet_count) + BigInt(user.total_favorite_count) + BigInt(user.total_mentions_count)

/** Sums by personality type; users without a type are left out. */
export function sumsByType(
  { types }: PlainFiles,
  entries: readonly (readonly [id: string, value: bigint])[],
): Record<string, number> {
  const sums = new Map<string, bigint>()
  for (const [id, value] of entries) {
    const type = types.get(id)
    if (type !== undefined) sums.set(type, (sums.get(type) ?? 0n) + value)
  }
  return Object.fromEntries([...sums].map(([type, sum]) => [type, Number(sum)]))
}
