import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { playwrightCounts, sum, surefireCounts, vitestCounts } from './counts.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'aviary-counts-'))
})
afterEach(() => rm(dir, { recursive: true }))
const put = async (name: string, text: string) => {
  await writeFile(join(dir, name), text)
  return join(dir, name)
}

describe('counts', () => {
  const vitest = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1, numFailedTestSuites: 0 }

  it('of vitest, where a file that could not be loaded is a failure', async () => {
    const good = await put('a.json', JSON.stringify({ ...vitest, success: true }))
    expect(await vitestCounts(good)).toEqual({ passed: 5, failed: 0, skipped: 2 })
    const bad = await put('b.json', JSON.stringify({ ...vitest, numFailedTestSuites: 1, success: false }))
    expect(await vitestCounts(bad)).toEqual({ passed: 5, failed: 1, skipped: 2 })
  })

  it('of Playwright, where what passed only on repetition is a failure', async () => {
    const stats = { expected: 3, unexpected: 1, flaky: 1, skipped: 2 }
    const file = await put('a.json', JSON.stringify({ stats, errors: [] }))
    expect(await playwrightCounts(file)).toEqual({ passed: 3, failed: 2, skipped: 2 })
  })

  it('of surefire, over all its files', async () => {
    const suite = (tests: number, errors: number) =>
      `<?xml version="1.0"?>\n<testsuite name="x" time="1" tests="${tests}" errors="${errors}" skipped="1" failures="1">`
    await put('TEST-a.xml', suite(10, 0))
    await put('TEST-b.xml', suite(5, 2))
    expect(await surefireCounts(dir)).toEqual({ passed: 9, failed: 4, skipped: 2 })
  })

  it('are never guessed: a missing or foreign report throws', async () => {
    await expect(surefireCounts(dir)).rejects.toThrow('no report')
    await put('TEST-a.xml', '<other/>')
    await expect(surefireCounts(dir)).rejects.toThrow('TEST-a.xml')
    await expect(vitestCounts(join(dir, 'none.json'))).rejects.toThrow()
  })

  it('add up', () => {
    const all = [
      { passed: 1, failed: 2, skipped: 3 },
      { passed: 10, failed: 20, skipped: 30 },
    ]
    expect(sum(all)).toEqual({ passed: 11, failed: 22, skipped: 33 })
  })
})
