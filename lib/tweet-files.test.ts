import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listTweetFiles, resolveListed, sampleDir } from './tweet-files.ts'

let dir: string
let config: { homeDir: string; dataDirs: string[] }
const never = (folder: string) => expect.unreachable(folder)

beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'aviary-files-')))
  config = { homeDir: join(dir, 'home'), dataDirs: [join(dir, 'data'), join(dir, 'more')] }
  for (const folder of [sampleDir(config), ...config.dataDirs]) await mkdir(folder, { recursive: true })
  await writeFile(join(dir, 'data', 'a.json'), '[]')
  await writeFile(join(dir, 'more', 'b.jsonl'), '')
  await writeFile(join(dir, 'secret.json'), '[]')
})
afterEach(() => rm(dir, { recursive: true }))

const names = async (onUnreadable: (folder: string, error: unknown) => void = never) =>
  (await listTweetFiles(config, onUnreadable)).map((file) => file.name)

describe('the files that may be replayed', () => {
  it('are the tweets of the sample, then what lies in the folders', async () => {
    await writeFile(join(sampleDir(config), 'tweets.json'), '[]')
    await writeFile(join(sampleDir(config), 'users.json'), '[]')
    await writeFile(join(dir, 'data', 'notes.txt'), '')
    expect(await names()).toEqual(['tweets.json', 'a.json', 'b.jsonl'])
  })

  it('are listed without a folder that is not there or cannot be read', async () => {
    const unreadable: string[] = []
    await writeFile(join(dir, 'no-folder'), '')
    config.dataDirs.unshift(join(dir, 'absent'), join(dir, 'no-folder'))
    expect(await names((folder) => unreadable.push(folder))).toEqual(['a.json', 'b.jsonl'])
    expect(unreadable).toEqual([join(dir, 'no-folder')])
  })

  it('are no links that lead out of the folders', async () => {
    await symlink(join(dir, 'secret.json'), join(dir, 'data', 'link.json'))
    expect(await names()).toEqual(['a.json', 'b.jsonl'])
    expect(await resolveListed(config, join(dir, 'data', 'link.json'))).toBeNull()
    expect(await resolveListed(config, join(dir, 'secret.json'))).toBeNull()
  })

  it('are opened where they really lie', async () => {
    await symlink(join(dir, 'more', 'b.jsonl'), join(dir, 'data', 'link.json'))
    await symlink(join(dir, 'data'), join(dir, 'way'))
    const [a, b] = [join(dir, 'data', 'a.json'), join(dir, 'more', 'b.jsonl')]
    expect(await resolveListed(config, a)).toBe(a)
    expect(await resolveListed(config, join(dir, 'way', 'a.json'))).toBe(a)
    expect(await resolveListed(config, `${dir}/more/../data/a.json`)).toBe(a)
    expect(await resolveListed(config, join(dir, 'data', 'link.json'))).toBe(b)
    expect(await resolveListed(config, join(dir, 'data', 'absent.json'))).toBeNull()
  })
})
