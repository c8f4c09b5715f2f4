/** The command line: a client of the console. Exit status 0 done, 1 failed, 2 wrong usage, 3 nothing to talk to. */
import { CommanderError } from 'commander'
import { ConfigError } from '#lib/config.ts'
import { CliError, exitCodes, tell } from './output.ts'
import { createProgram } from './program.ts'

function explain(error: unknown): number {
  // Commander has said it already; help and version are no failure.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  if (error instanceof ConfigError) {
    tell(error.message)
    return exitCodes.usage
  }
  const known = error instanceof Error ? error : new Error(String(error))
  tell(`aviary: ${known.message}`)
  const hint = 'hint' in known && typeof known.hint === 'string' ? known.hint : null
  // Some say it in the message too.
  if (hint !== null && !known.message.endsWith(hint)) tell(hint)
  return error instanceof CliError ? error.exitCode : exitCodes.failed
}

try {
  await createProgram().parseAsync()
} catch (error) {
  process.exitCode = explain(error)
}
