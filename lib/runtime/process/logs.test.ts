import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { logPath, readLog, rotate } from './logs.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'aviary-logs-'))
})
afterEach(() => rm(dir, { recursive: true }))

const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}`)
const write = (lines: string[]) => appendFile(logPath(dir), lines.map((line) => `${line}\n`).join(''))
async function tail(count: number): Promise<string[]> {
  const found: string[] = []
  for await (const line of readLog(dir, { tail: count, follow: false }, new AbortController().signal)) found.push(line)
  return found
}

describe('a log', () => {
  it('is empty before the service has ever run', async () => {
    expect(await tail(10)).toEqual([])
  })

  it('is read from its end, also when lines are long, many or cut off', async () => {
    await write(numbered(1, 30_000))
    await appendFile(logPath(dir), `${'é'.repeat(100_000)}\nlast, without an end`)
    const lines = await tail(4)
    expect(lines).toEqual(['line 29999', 'line 30000', 'é'.repeat(100_000), 'last, without an end'])
    expect(await tail(0)).toEqual([])
    expect(await tail(100_000)).toHaveLength(30_002)
  })

  it('goes on in the rotated files, and keeps only so many', async () => {
    const limits = { bytes: 10, older: 2 }
    for (let i = 1; i <= 4; i++) {
      await write([`file ${i} a`, `file ${i} b`])
      expect(await rotate(logPath(dir), limits)).toBe(true)
    }
    await write(['now'])
    expect(await rotate(logPath(dir), limits)).toBe(false)
    expect((await readdir(dir)).sort()).toEqual(['log', 'log.1', 'log.2'])
    expect(await tail(2)).toEqual(['file 4 b', 'now'])
    expect(await tail(4)).toEqual(['file 3 b', 'file 4 a', 'file 4 b', 'now'])
    expect(await tail(100)).toEqual(['file 3 a', 'file 3 b', 'file 4 a', 'file 4 b', 'now'])
  })

  it('is followed through a rotation without losing a line', async () => {
    await write(numbered(1, 3))
    const stop = new AbortController()
    const seen: string[] = []
    const following = (async () => {
      for await (const line of readLog(dir, { tail: 1, follow: true }, stop.signal)) seen.push(line)
    })()
    await expect.poll(() => seen).toEqual(['line 3'])
    // Some that were not read yet when the file is cut.
    await write(numbered(4, 6))
    await rotate(logPath(dir), { bytes: 1, older: 2 })
    await write(['line 7'])
    await expect.poll(() => seen).toEqual(numbered(3, 7))
    stop.abort()
    await following
  })

  it('is followed from before the first line', async () => {
    const stop = new AbortController()
    const lines = readLog(dir, { tail: 5, follow: true }, stop.signal)
    const first = lines.next()
    await writeFile(logPath(dir), 'hello\n', { flag: 'a' })
    expect(await first).toEqual({ value: 'hello', done: false })
    stop.abort()
    expect((await lines.next()).done).toBe(true)
  })
})
