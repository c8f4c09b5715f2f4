import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
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
  const vitest = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1, testResults: [] }

  it('of vitest, where a file that could not be loaded is a failure', async () => {
    const good = await put('a.json', JSON.stringify({ ...vitest, success: true }))
    expect(await vitestCounts(good)).toEqual({ passed: 5, failed: 0, skipped: 2, failures: [] })
    const broken = {
      name: resolve('lib/a.test.ts'),
      status: 'failed',
      message: 'no such\n  module',
      assertionResults: [],
    }
    const bad = await put('b.json', JSON.stringify({ ...vitest, testResults: [broken], success: false }))
    const failures = ['lib/a.test.ts: no such module']
    expect(await vitestCounts(bad)).toEqual({ passed: 5, failed: 1, skipped: 2, failures })
  })

  it('of vitest, with the name of each test that failed and why', async () => {
    const tests = [
      { status: 'passed', fullName: 'a holds', failureMessages: [] },
      { status: 'failed', fullName: 'a breaks', failureMessages: ['\u001b[31mError: 1 is not 2\u001b[39m'] },
    ]
    const testResults = [{ name: resolve('lib/a.test.ts'), status: 'failed', message: '', assertionResults: tests }]
    const file = await put('a.json', JSON.stringify({ ...vitest, numFailedTests: 1, testResults, success: false }))
    expect((await vitestCounts(file)).failures).toEqual(['lib/a.test.ts › a breaks: Error: 1 is not 2'])
  })

  it('of Playwright, where what passed only on repetition is a failure', async () => {
    const stats = { expected: 3, unexpected: 1, flaky: 1, skipped: 2 }
    const spec = (line: number, status: string, results: object[]) => ({
      title: 'shows',
      file: 'a.spec.ts',
      line,
      tests: [{ status, results }],
    })
    const inner = { specs: [spec(9, 'flaky', [{ error: { message: 'once' } }, {}])] }
    const specs = [spec(3, 'expected', [{}]), spec(5, 'unexpected', [{ error: { message: 'never' } }])]
    const file = await put('a.json', JSON.stringify({ stats, errors: [], suites: [{ specs, suites: [inner] }] }))
    const failures = ['a.spec.ts:5 › shows: never', 'a.spec.ts:9 › shows: once']
    expect(await playwrightCounts(file)).toEqual({ passed: 3, failed: 2, skipped: 2, failures })
  })

  it('of surefire, over all its files', async () => {
    const suite = (tests: number, errors: number) =>
      `<?xml version="1.0"?>\n<testsuite name="x" time="1" tests="${tests}" errors="${errors}" skipped="1" failures="1">`
    await put('TEST-a.xml', suite(10, 0))
    const testcase = '<testcase name="x" classname="a.T" time="0">'
    await put(
      'TEST-b.xml',
      `${suite(5, 2)}${testcase}</testcase>${testcase.replace('"x"', '"y"')}\n  <failure message="m">`,
    )
    expect(await surefireCounts(dir)).toEqual({ passed: 9, failed: 4, skipped: 2, failures: ['a.T › y'] })
  })

  it('are never guessed: a missing or foreign report throws', async () => {
    await expect(surefireCounts(dir)).rejects.toThrow('no report')
    await put('TEST-a.xml', '<other/>')
    await expect(surefireCounts(dir)).rejects.toThrow('TEST-a.xml')
    await expect(vitestCounts(join(dir, 'none.json'))).rejects.toThrow()
  })

  it('add up', () => {
    const all = [
      { passed: 1, failed: 2, skipped: 3, failures: ['a'] },
      { passed: 10, failed: 20, skipped: 30, failures: ['b', 'c'] },
    ]
    expect(sum(all)).toEqual({ passed: 11, failed: 22, skipped: 33, failures: ['a', 'b', 'c'] })
  })
})
