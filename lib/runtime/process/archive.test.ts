import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { archiveKey, chooseArchive, launcherScript, pruneArchives, settleTraining } from './archive.ts'

const run = promisify(execFile)
let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'aviary-cds-'))
})
afterEach(() => rm(dir, { recursive: true }))

const java = { command: '/java', major: 17, version: '17.0.1', build: 'build 1' }
const settings = { heapMb: 64, c1Only: true, jvmArgs: ['-Dfolder=/a'] }
const jars = [{ path: '/lib/a.jar', size: 1, mtimeMs: 2 }]
const there = (path: string) => access(path).then(...[() => true, () => false])

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

describe('the stand-in for java', () => {
  const fake = `#!/bin/sh
for a; do case $a in -XX:ArchiveClassesAtExit=*) echo classes > "\${a#*=}" ;; esac; done
echo "$@" >> "\${0%/*}/calls"
exit $(cat "\${0%/*}/code")
`
  let launcher: string
  const target = () => join(dir, 'child.jsa')
  const calls = async () => (await readFile(join(dir, 'calls'), 'utf8')).trim().split('\n')
  beforeEach(async () => {
    await writeFile(join(dir, 'java'), fake, { mode: 0o700 })
    launcher = join(dir, "it's a launcher")
    const parts = { java: join(dir, 'java'), flags: ['-Xmx1m'], target: target(), training: join(dir, 'training') }
    await writeFile(launcher, launcherScript(parts), { mode: 0o700 })
  })
  const launch = async (code: number) => {
    await writeFile(join(dir, 'code'), `${code}\n`)
    return run(launcher, ['Main', 'a b']).then(
      () => 0,
      (error: { code: number }) => error.code,
    )
  }

  it('lets the first child write the archive and the others use it', async () => {
    expect(await launch(2)).toBe(2)
    expect(await launch(0)).toBe(0)
    expect(await calls()).toEqual([
      `-Xmx1m -XX:ArchiveClassesAtExit=${join(dir, 'training')}/archive Main a b`,
      `-Xmx1m -XX:SharedArchiveFile=${target()} -Xshare:auto Main a b`,
    ])
    expect(await there(join(dir, 'training'))).toBe(false)
  })

  it('keeps no archive of a child that crashed', async () => {
    expect(await launch(134)).toBe(134)
    expect(await there(target())).toBe(false)
    expect(await there(join(dir, 'training'))).toBe(false)
  })

  it('runs children without one while another writes it', async () => {
    await mkdir(join(dir, 'training'))
    expect(await launch(0)).toBe(0)
    expect(await calls()).toEqual(['-Xmx1m Main a b'])
  })
})
