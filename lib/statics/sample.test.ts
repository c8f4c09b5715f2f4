/** The generated files, in the sizes of the real ones, give exactly the counts that are known of those. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildSample } from '#lib/sample/index.ts'
import { readPieces } from './whole-file.ts'

let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'statics-'))
  await mkdir(join(dir, 'texts'))
  const texts = Array.from({ length: 40 }, (_, i) => `${i}\t1\ttext ${i} "q"`)
  await writeFile(join(dir, 'texts', 'tweets_GroundTruth.txt'), texts.join('\n'))
  await writeFile(join(dir, 'texts', 'LICENSE.txt'), 'MIT')
  await buildSample({ textDir: join(dir, 'texts'), outDir: dir, users: 8_328, tweetsPerUser: 2, seed: 1 })
}, 60_000)
afterAll(() => rm(dir, { recursive: true, force: true }))

test('every user, edge, label and tweet, and nothing is rejected', async () => {
  const read = async (table: Parameters<typeof readPieces>[0], file: string, ids: readonly string[] | null) =>
    readPieces(table, await readFile(join(dir, file)), [128 * 1024], ids)
  const users = await read('users', 'users1.json', null)
  expect(users).toMatchObject({ read: 8_328, loaded: 8_328, duplicates: 0, rejected: 0 })
  expect(users.rows.filter(([, , location]) => location === null)).toHaveLength(1_199)
  expect(users.rows.filter(([, , , verified]) => verified === true)).toHaveLength(94)
  const ids = users.rows.map(([id]) => String(id))
  expect(ids.filter((id) => BigInt(id) > 2n ** 53n)).toHaveLength(Math.round(8_328 * 0.15))
  const none = { rejected: 0, unknownUsers: 0 }
  expect(await read('mbti_labels', 'mbti_labels.csv', ids)).toMatchObject({ loaded: 8_328, ...none })
  // 16,215 + 15,226 entries, 8,435 of them the same.
  const edges = await read('edges', 'edges1.json', ids)
  expect(edges).toMatchObject({ read: 31_441, loaded: 23_006, duplicates: 8_435, ...none })
  expect(await read('tweets', 'tweets.json', ids)).toMatchObject({ loaded: 16_656, ...none })
})
