import { mkdir, mkdtemp, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { provenanceFile } from '#lib/sample/index.ts'
import { realFolders, sampleDir } from '#lib/tweet-files.ts'
import { findFile, listFolders } from './files.ts'

let home: string
let data: string
const config = () => ({ homeDir: home, dataDirs: [data] })

beforeEach(async () => {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'statics-')))
  home = join(root, 'home')
  data = join(root, 'data')
  await mkdir(join(home, 'sample'), { recursive: true })
  await mkdir(data)
})
afterEach(() => rm(join(home, '..'), { recursive: true, force: true }))

test('only folders with static files are listed, the sample first', async () => {
  expect(await listFolders(config())).toEqual([])
  await writeFile(join(data, 'edges1.json.gz'), '')
  expect(await listFolders(config())).toEqual([{ dir: data, sample: false }])
  await writeFile(join(home, 'sample', 'users1.json'), '[]')
  expect(await listFolders(config())).toEqual([
    { dir: sampleDir(config()), sample: true },
    { dir: data, sample: false },
  ])
})

test('the plain file comes before the packed one, and tweets have two names', async () => {
  await writeFile(join(data, 'users1.json.gz'), 'packed')
  expect((await findFile(data, 'users', null))?.name).toBe('users1.json.gz')
  await writeFile(join(data, 'users1.json'), 'plain')
  expect(await findFile(data, 'users', null)).toMatchObject({ name: 'users1.json', bytes: 5, synthetic: false })
  await writeFile(join(data, 'tweets.json'), '')
  expect((await findFile(data, 'tweets', null))?.name).toBe('tweets.json')
  expect(await findFile(data, 'edges', null)).toBeNull()
})

test('a link out of the folders counts as no file for a browser', async () => {
  const secret = join(home, 'secret')
  await writeFile(secret, '[]')
  await symlink(secret, join(data, 'users1.json'))
  await writeFile(join(home, 'sample', 'edges1.json'), '[]')
  await symlink(join(home, 'sample', 'edges1.json'), join(data, 'edges1.json'))
  const within = await realFolders(config())
  expect(await findFile(data, 'users', within)).toBeNull()
  expect((await findFile(data, 'users', null))?.path).toBe(secret)
  expect((await findFile(data, 'edges', within))?.path).toBe(join(home, 'sample', 'edges1.json'))
})

test('a file of the sample is synthetic until it is changed', async () => {
  const dir = join(home, 'sample')
  const file = join(dir, 'mbti_labels.csv')
  await writeFile(file, 'id,mbti_personality,pers_id\n')
  const { size: bytes } = await stat(file)
  const files = { 'mbti_labels.csv': { bytes, real: 'nothing', synthetic: 'everything' } }
  const provenance = { seed: 1, users: 1, tweets: 0, realTexts: 0, files, source: '', licence: '' }
  await writeFile(join(dir, provenanceFile), JSON.stringify(provenance))
  expect((await findFile(dir, 'mbti_labels', null))?.synthetic).toBe(true)
  await writeFile(file, 'id,mbti_personality,pers_id\n1,infj,8\n')
  expect((await findFile(dir, 'mbti_labels', null))?.synthetic).toBe(false)
})
