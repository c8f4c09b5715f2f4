import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { launcherScript } from './archiving.ts'

const run = promisify(execFile)
let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'aviary-archiving-'))
})
afterEach(() => rm(dir, { recursive: true }))
const there = (path: string) => access(path).then(...[() => true, () => false])

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

  const begin = async (java: string) => {
    await writeFile(join(dir, 'java'), `#!/bin/sh\n${java}`, { mode: 0o700 })
    const child = spawn(launcher, ['Main'], { stdio: ['pipe', 'pipe', 'inherit'] })
    let told = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (told += text))
    return { child, told: () => told }
  }

  it('hands signals on to the one that writes the archive, and waits until it is written', async () => {
    const { child, told } = await begin(`
for a; do case $a in -XX:ArchiveClassesAtExit=*) part="\${a#*=}" ;; esac; done
trap 'sleep 0.2; echo classes > "$part"; exit 143' TERM
echo ready
while :; do sleep 0.02; done
`)
    await expect.poll(told).toContain('ready')
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([143, null])
    expect(await readFile(target(), 'utf8')).toBe('classes\n')
    expect(await there(join(dir, 'training'))).toBe(false)
  })

  it('leaves the standard input to it', async () => {
    const { child, told } = await begin('cat\nexit 3\n')
    child.stdin.end('from the parent')
    expect(await once(child, 'close')).toEqual([3, null])
    expect(told()).toBe('from the parent')
  })
})
