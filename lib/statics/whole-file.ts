/** For the tests of the readers: all that a file gives, cut into pieces of the given sizes, taken in turn. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { StaticCounts, StaticTable } from '#lib/pipeline/statics.ts'
import { type Cell, readFile } from './reading.ts'
import { definitions } from './tables.ts'
import { Tally } from './tally.ts'

export interface Outcome extends StaticCounts {
  readonly rows: (readonly Cell[])[]
}

export async function readPieces(
  table: StaticTable,
  bytes: Buffer,
  sizes: readonly number[],
  users: readonly string[] | null = null,
): Promise<Outcome> {
  const tally = new Tally(users && new Set(users))
  const rows: (readonly Cell[])[] = []
  async function* pieces() {
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const size = sizes[turn % sizes.length] ?? bytes.length
      yield bytes.subarray(at, at + size)
      at += size
    }
  }
  await definitions[table].read(pieces(), { tally, row: (cells) => rows.push([...cells]) })
  return { rows, ...tally.counts() }
}

export const readText = (table: StaticTable, text: string, users: readonly string[] | null = null): Promise<Outcome> =>
  readPieces(table, Buffer.from(text), [1 << 16], users)

/** From a real file, as a load does it. */
export async function readBytes(table: StaticTable, bytes: Uint8Array): Promise<Outcome> {
  const dir = await mkdtemp(join(tmpdir(), 'statics-'))
  try {
    const path = join(dir, 'file')
    await writeFile(path, bytes)
    const tally = new Tally(null)
    const rows: (readonly Cell[])[] = []
    const sink = { tally, row: (cells: readonly Cell[]) => void rows.push([...cells]) }
    const options = { signal: new AbortController().signal, onChunk: async () => {} }
    await readFile(path, definitions[table].read, sink, options)
    return { rows, ...tally.counts() }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Every row of the file is accounted for. */
export const balanced = ({ read, loaded, duplicates, rejected, rows }: Outcome) => {
  expect(read).toBe(loaded + duplicates + rejected)
  expect(rows).toHaveLength(loaded)
}

/** Beyond 2^53, where JSON.parse would give 1275843000000000100. */
export const large = '1275843000000000123'

export const person = (changes: Record<string, string> = {}) => {
  const members: Record<string, string> = {
    screen_name: '"QuietFinch1"',
    location: '"Bogotá, Colombia"',
    verified: 'false',
    statuses_count: '12',
    total_retweet_count: '3',
    total_favorite_count: '4',
    total_hashtag_count: '5',
    total_mentions_count: '6',
    total_media_count: '7',
    id: large,
    ...changes,
  }
  return `{${Object.entries(members)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `"${name}": ${value}`)
    .join(', ')}}`
}
/** A file of these elements, from line 2 on. */
export const array = (...elements: string[]) => `[\n${elements.join(',\n')}\n]`
