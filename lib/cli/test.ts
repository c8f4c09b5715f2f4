/** `test`: every check and suite in order, cheap ones first. The last line is `N passed, N failed, N skipped`. */
import type { Command } from 'commander'
import { pino } from 'pino'
import type { Config } from '#lib/config.ts'
import { missingEngine } from '#lib/stack/choice.ts'
import { type Counts, sum } from './counts.ts'
import { CliError, exitCodes, print, tell } from './output.ts'
import { type Part, parts, type Suite, suites } from './suites.ts'
import { missingForTests } from './test-tools.ts'

export function addTestCommand(program: Command, config: () => Config): void {
  const command = program.command('test').description('run the checks and all suites, on the real engines')
  for (const part of parts) command.option(`--${part}`, `only this part${part === 'unit' ? ', with the checks' : ''}`)
  command.action((options: Partial<Record<Part, boolean>>) => {
    const asked = parts.filter((part) => options[part])
    return test(config(), asked)
  })
}

/** It makes a swarm of the engine of whoever runs the tests: only when asked for. */
const onRequest: readonly Part[] = ['swarm']
const onEngine: readonly Part[] = ['docker', 'swarm']

async function test(config: Config, asked: readonly Part[]): Promise<void> {
  const only = asked.length === 0 ? parts.filter((part) => !onRequest.includes(part)) : asked
  await requireTools(config, only)
  const chosen = suites.filter((suite) => only.includes(suite.part) || asked.length === 0)
  const needed = onEngine.some((part) => only.includes(part))
  const noEngine = needed ? await missingEngine(config, pino({ enabled: false })) : null
  const absence = ({ part }: Suite): string | null => {
    if (!only.includes(part)) return `it makes the Docker engine a swarm. To run it: npm test -- --${part}`
    return onEngine.includes(part) ? noEngine : null
  }
  const results: [name: string, counts: Counts][] = []
  for (const suite of chosen) {
    const why = absence(suite)
    results.push([suite.name, why === null ? await run(suite) : leftOut(suite, why)])
  }
  const total = sum(results.map(([, counts]) => counts))
  tell('')
  for (const [name, counts] of results) tell(`${name.padEnd(22)} ${countsText(counts)}`)
  for (const failure of total.failures) tell(`failed: ${failure}`)
  print(countsText(total))
  if (total.failed > 0) throw new CliError(exitCodes.failed, 'Not everything passed')
}

/** Before the first suite, not an hour later in the one that needs the tool. */
async function requireTools(config: Config, chosen: readonly Part[]): Promise<void> {
  const missing = await missingForTests(config, chosen)
  if (missing.length === 0) return
  const list = missing.map(({ tool, why, install }) => `\n  ${tool}: ${why}\n    ${install}`).join('')
  throw new CliError(exitCodes.failed, `The tests need tools that are missing or do not run:${list}`)
}

/** What is left out is told, and counted; a machine without Docker tests all else. */
function leftOut({ name }: Suite, why: string): Counts {
  tell(`\n── ${name} is left out: ${why}`)
  return { passed: 0, failed: 0, skipped: 1, failures: [] }
}

const countsText = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`

async function run(suite: Suite): Promise<Counts> {
  const started = Date.now()
  tell(`\n── ${suite.name}`)
  const counts = await suite.run().catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    tell(why)
    return { passed: 0, failed: 1, skipped: 0, failures: [`${suite.name}: ${why}`] }
  })
  tell(`${countsText(counts)} in ${((Date.now() - started) / 1000).toFixed(0)} s`)
  return counts
}
