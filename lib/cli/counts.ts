/** How many tests passed, read from the reports that the tools write. A report that cannot be read throws. */
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { z } from 'zod'

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** What failed, one line each: `place › test: why`. May name fewer than `failed` counts: a fault outside any test has no name. */
  readonly failures: readonly string[]
}

export const sum = (all: readonly Counts[]): Counts =>
  all.reduce(
    (a, b) => ({
      passed: a.passed + b.passed,
      failed: a.failed + b.failed,
      skipped: a.skipped + b.skipped,
      failures: [...a.failures, ...b.failures],
    }),
    { passed: 0, failed: 0, skipped: 0, failures: [] },
  )

const longestReason = 300

/** A message without its colours, in one line. */
function failure(place: string, message = ''): string {
  const why = stripVTControlCharacters(message)
    .trim()
    .split(/\s*\n\s*/)
    .join(' ')
  return why === '' ? place : `${place}: ${why.length > longestReason ? `${why.slice(0, longestReason)}…` : why}`
}

const VitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  success: z.boolean(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
})

/** A file that could not be loaded has no test, yet counts as one failure. */
export async function vitestCounts(file: string): Promise<Counts> {
  const r = VitestReport.parse(JSON.parse(await readFile(file, 'utf8')))
  const failed = r.success ? 0 : Math.max(1, r.numFailedTests)
  const failures = r.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative('.', name)
    const tests = assertionResults.filter((test) => test.status === 'failed')
    if (tests.length === 0) return status === 'failed' ? [failure(file, message)] : []
    return tests.map((test) => failure(`${file} › ${test.fullName}`, test.failureMessages?.[0]))
  })
  return { passed: r.numPassedTests, failed, skipped: r.numPendingTests + r.numTodoTests, failures }
}

const PlaywrightSpec = z.object({
  title: z.string(),
  file: z.string(),
  line: z.number(),
  tests: z.array(
    z.object({
      status: z.string(),
      results: z.array(z.object({ error: z.object({ message: z.string().optional() }).optional() })),
    }),
  ),
})

const PlaywrightSuite = z.object({
  specs: z.array(PlaywrightSpec),
  get suites() {
    return z.array(PlaywrightSuite).optional()
  },
})

const PlaywrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
  errors: z.array(z.object({ message: z.string().optional() })),
  suites: z.array(PlaywrightSuite),
})

const specsIn = (suite: z.infer<typeof PlaywrightSuite>): z.infer<typeof PlaywrightSpec>[] => [
  ...suite.specs,
  ...(suite.suites ?? []).flatMap(specsIn),
]

/** One that passed only when it was repeated counts as failed. */
export async function playwrightCounts(file: string): Promise<Counts> {
  const { stats, errors, suites } = PlaywrightReport.parse(JSON.parse(await readFile(file, 'utf8')))
  const failures = suites
    .flatMap(specsIn)
    .flatMap(({ title, file, line, tests }) =>
      tests
        .filter(({ status }) => status === 'unexpected' || status === 'flaky')
        .map(({ results }) =>
          failure(`${file}:${line} › ${title}`, results.find(({ error }) => error)?.error?.message),
        ),
    )
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + errors.length,
    skipped: stats.skipped,
    failures: [...failures, ...errors.map(({ message }) => failure('Playwright', message))],
  }
}

/** The root element's figures of each `TEST-*.xml` of Maven's surefire. */
export async function surefireCounts(dir: string): Promise<Counts> {
  const files = (await readdir(dir)).filter((name) => /^TEST-.*\.xml$/.test(name))
  if (files.length === 0) throw new Error(`Maven left no report in ${dir}`)
  return sum(
    await Promise.all(
      files.map(async (name) => {
        const text = await readFile(join(dir, name), 'utf8')
        const root = /<testsuite\b[^>]*>/.exec(text)?.[0]
        const figure = (attribute: string) => Number(new RegExp(`\\b${attribute}="(\\d+)"`).exec(root ?? '')?.[1])
        const [tests, failed, skipped] = [figure('tests'), figure('failures') + figure('errors'), figure('skipped')]
        if (Number.isNaN(tests + failed + skipped)) throw new Error(`${name} is no report of surefire`)
        const failures = [
          ...text.matchAll(/<testcase name="([^"]*)" classname="([^"]*)"[^>]*>\s*<(?:failure|error)\b/g),
        ]
        return {
          passed: tests - failed - skipped,
          failed,
          skipped,
          failures: failures.map(([, test, place]) => failure(`${place} › ${test}`)),
        }
      }),
    ),
  )
}
