/** What `aviary test` runs: each check and suite, and how its counts are read. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Counts, playwrightCounts, sum, surefireCounts, vitestCounts } from './counts.ts'

export const parts = ['unit', 'integration', 'e2e', 'docker', 'swarm'] as const
export type Part = (typeof parts)[number]

export interface Suite {
  readonly name: string
  readonly part: Part
  /** Rejects when it could not even be run; that counts as one failure. */
  run(): Promise<Counts>
}

const root = resolve(import.meta.dirname, '..', '..')
const connectors = join(root, 'docker/connect')

/** Output goes straight to the terminal. Resolves to the exit code. */
function command(name: string, args: readonly string[], env: Record<string, string> = {}): Promise<number | null> {
  const child = spawn(name, args, { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, ...env } })
  return new Promise((done, fail) => {
    child.on('error', (error) => fail(new Error(`${name} could not be run: ${error.message}`)))
    child.on('close', done)
  })
}

/** A tool that passes or fails as a whole. */
const check = (name: string, tool: string, args: readonly string[]): Suite => ({
  name,
  part: 'unit',
  run: async () => {
    const good = (await command(tool, args)) === 0
    return good
      ? { passed: 1, failed: 0, skipped: 0, failures: [] }
      : { passed: 0, failed: 1, skipped: 0, failures: [name] }
  },
})

/** A failed exit counts as one failure even where the report has none: a fault outside any test. */
async function reported(run: (file: string) => Promise<number | null>, read: (file: string) => Promise<Counts>) {
  const dir = await mkdtemp(join(tmpdir(), 'aviary-test-'))
  try {
    const code = await run(join(dir, 'report.json'))
    const counts = await read(join(dir, 'report.json'))
    return code === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 }
  } finally {
    await rm(dir, { recursive: true })
  }
}

const vitest = (project: 'unit' | 'integration' | 'integration-docker' | 'integration-swarm', part: Part): Suite => ({
  name: `vitest ${project}`,
  part,
  run: () =>
    reported(
      (file) =>
        command('vitest', [
          'run',
          '--project',
          project,
          '--reporter=default',
          '--reporter=json',
          `--outputFile.json=${file}`,
        ]),
      vitestCounts,
    ),
})

const connectorTests: Suite = {
  name: 'connectors',
  part: 'unit',
  run: async () => {
    const reports = ['mqtt-source', 'landing-sink'].map((name) => join(connectors, name, 'target/surefire-reports'))
    for (const dir of reports) await rm(dir, { recursive: true, force: true })
    // A module whose tests fail must not keep the others from being tested.
    const options = ['--batch-mode', '--quiet', '--fail-at-end']
    const code = await command('mvn', [...options, '--file', join(connectors, 'pom.xml'), 'test'])
    const counts = sum(await Promise.all(reports.map(surefireCounts)))
    return code === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 }
  },
}

const browser = (name: string, part: Part, args: readonly string[], env: Record<string, string>): Suite => ({
  name,
  part,
  run: () =>
    reported(
      (file) =>
        command('playwright', ['test', '--reporter=list,json', ...args], { PLAYWRIGHT_JSON_OUTPUT_NAME: file, ...env }),
      playwrightCounts,
    ),
})

/** Of the pages, what the runtime may change: the start from the browser, a service that dies, the stop. */
const inContainers = ['--grep', 'without a session|a link works once|the stack (starts|stops)|a service that is killed']

export const suites: readonly Suite[] = [
  check('types', 'tsc', ['--noEmit', '--project', '.']),
  check('biome', 'biome', ['check', '--error-on-warnings']),
  check('unused code', 'knip', []),
  vitest('unit', 'unit'),
  connectorTests,
  vitest('integration', 'integration'),
  browser('playwright', 'e2e', [], { AVIARY_RUNTIME: 'process' }),
  vitest('integration-docker', 'docker'),
  browser('playwright on docker', 'docker', inContainers, { AVIARY_RUNTIME: 'docker' }),
  vitest('integration-swarm', 'swarm'),
]
