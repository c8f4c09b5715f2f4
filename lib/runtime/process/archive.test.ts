import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { archiveKey, chooseArchive, pruneArchives, settleTraining } from './archive.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'aviary-cds-'))
})
afterEach(() => rm(dir, { recursive: true }))

const java = { command: '/java', major: 17, version: '17.0.1', build: 'build 1' }
const settings = { heapMb: 64, c1Only: true, jvmArgs: ['-Dfolder=/a'] }
const jars = [{ path: '/lib/a.jar', size: 1, mtimeMs: 2 }]

describe('a start archive', () => {
  it('is shared by stacks that differ in folders only, and by nothing else', () => {
    const key = archiveKey(java, 'Main', settings, jars)
    expect(archiveKey(java, 'Main', { ...settings, jvmArgs: ['-Dfolder=/b'] }, jars)).toBe(key)
    const others = [
      archiveKey({ ...java, build: 'build 2' }, 'Main', settings, jars),
      archiveKey(java, 'Other', settings, jars),
      archiveKey(java, 'Main', { ...settings, heapMb: 65 }, jars),
      archiveKey(java, 'Main', settings, [{ path: '/lib/a.jar', size: 1, mtimeMs: 3 }]),
    ]
    expect(new Set([key, ...others]).size).toBe(5)
  })

  it('is written by the first run that ends well, and used by the next', async () => {
    const first = await chooseArchive(dir, 'kafka-1')
    const training = first.training!
    expect(first.flags).toEqual([`-XX:ArchiveClassesAtExit=${training.part}`])
    await writeFile(training.part, 'classes')
    await settleTraining(training, true)
    const second = await chooseArchive(dir, 'kafka-1')
    expect(second).toEqual({
      flags: [`-XX:SharedArchiveFile=${join(dir, 'kafka-1.jsa')}`, '-Xshare:auto'],
      training: null,
    })
  })

  it('is thrown away when the run was cut short', async () => {
    const { training } = await chooseArchive(dir, 'kafka-1')
    await writeFile(training!.part, 'half')
    await settleTraining(training!, false)
    expect(await readdir(dir)).toEqual([])
  })

  it('may be written by two stacks at once', async () => {
    const [a, b] = [await chooseArchive(dir, 'kafka-1'), await chooseArchive(dir, 'kafka-1')]
    expect(a.training?.part).not.toBe(b.training?.part)
    for (const { training } of [a, b]) {
      await writeFile(training!.part, 'classes')
      await settleTraining(training!, true)
    }
    expect(await readdir(dir)).toEqual(['kafka-1.jsa'])
  })

  it('goes when nobody has used it for a month', async () => {
    for (const name of ['new.jsa', 'old.jsa', 'abandoned.part', 'fresh.part']) await writeFile(join(dir, name), '')
    const now = Date.now()
    const ago = (hours: number) => new Date(now - hours * 3_600_000)
    await utimes(join(dir, 'old.jsa'), ago(24 * 31), ago(24 * 31))
    await utimes(join(dir, 'new.jsa'), ago(24 * 29), ago(24 * 29))
    await utimes(join(dir, 'abandoned.part'), ago(2), ago(2))
    await pruneArchives(dir, now)
    expect((await readdir(dir)).sort()).toEqual(['fresh.part', 'new.jsa'])
  })
})
