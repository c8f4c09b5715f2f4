/** How many tests passed, read from the reports that the tools write. A report that cannot be read throws. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export const sum = (all: readonly Counts[]): Counts =>
  all.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }), {
    passed: 0,
    failed: 0,
    skipped: 0,
  })

const VitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  success: z.boolean(),
})

/** A file that could not be loaded has no test, yet counts as one failure. */
export async function vitestCounts(file: string): Promise<Counts> {
  const r = VitestReport.parse(JSON.parse(await readFile(file, 'utf8')))
  const failed = r.success ? 0 : Math.max(1, r.numFailedTests)
  return { passed: r.numPassedTests, failed, skipped: r.numPendingTests + r.numTodoTests }
}

const PlaywrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
  errors: z.array(z.unknown()),
})

/** One that passed only when it was repeated counts as failed. */
export async function playwrightCounts(file: string): Promise<Counts> {
  const { stats, errors } = PlaywrightReport.parse(JSON.parse(await readFile(file, 'utf8')))
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length, skipped: stats.skipped }
}

/** The root element's figures of each `TEST-*.xml` of Maven's surefire. */
export async function surefireCounts(dir: string): Promise<Counts> {
  const files = (await readdir(dir)).filter((name) => /^TEST-.*\.xml$/.test(name))
  if (files.length === 0) throw new Error(`Maven left no report in ${dir}`)
  return sum(
    await Promise.all(
      files.map(async (name) => {
        const root = /<testsuite\b[^>]*>/.exec(await readFile(join(dir, name), 'utf8'))?.[0]
        const figure = (attribute: string) => Number(new RegExp(`\\b${attribute}="(\\d+)"`).exec(root ?? '')?.[1])
        const [tests, failed, skipped] = [figure('tests'), figure('failures') + figure('errors'), figure('skipped')]
        if (Number.isNaN(tests + failed + skipped)) throw new Error(`${name} is no report of surefire`)
        return { passed: tests - failed - skipped, failed, skipped }
      }),
    ),
  )
}
