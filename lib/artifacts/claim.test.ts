import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { claim, isAlive, startedAt } from './claim.ts'

let dir: string
let file: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'claim-'))
  file = join(dir, 'locks', 'kafka.lock')
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const deadPid = (): number => spawnSync('true').pid

it('is held by one at a time and leaves nothing behind', async () => {
  let inside = 0
  let most = 0
  const enter = async () => {
    const release = await claim(file)
    inside += 1
    most = Math.max(most, inside)
    await new Promise((done) => setTimeout(done, 5))
    inside -= 1
    await release()
  }
  await Promise.all(Array.from({ length: 5 }, enter))
  expect(most).toBe(1)
  expect(await readdir(join(dir, 'locks'))).toEqual([])
})

it.each([
  ['a dead process', () => JSON.stringify({ pid: deadPid(), started: '1' })],
  ['a pid that another process has now', () => JSON.stringify({ pid: process.pid, started: '1' })],
  ['nobody we can read', () => 'not a lock'],
])('takes over the lock of %s', async (_, content) => {
  await (await claim(file))()
  await writeFile(file, content())
  const releases: (() => Promise<void>)[] = []
  let inside = 0
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      const release = await claim(file)
      inside += 1
      expect(inside).toBe(1)
      inside -= 1
      releases.push(release)
      await release()
    }),
  )
  expect(releases).toHaveLength(4)
  expect(existsSync(file)).toBe(false)
})

it('says whom it waits for, and stops waiting when told', async () => {
  const release = await claim(file)
  const stop = new AbortController()
  const waited: number[] = []
  const second = claim(file, {
    signal: stop.signal,
    onWait: (pid) => {
      waited.push(pid)
      stop.abort(new Error('enough'))
    },
  })
  await expect(second).rejects.toThrow()
  expect(waited).toEqual([process.pid])
  await release()
})

it('tells a process from one that had its pid before', () => {
  expect(isAlive({ pid: process.pid, started: startedAt(process.pid) })).toBe(true)
  expect(isAlive({ pid: process.pid, started: null })).toBe(true)
  expect(isAlive({ pid: process.pid, started: 'earlier' })).toBe(false)
  expect(isAlive({ pid: deadPid(), started: null })).toBe(false)
})
