/** What `up` does while it stays: keeps a console there until somebody ends it. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Config } from '#lib/config.ts'
import { readConsoleFile } from '#lib/home.ts'
import { consoleLog } from '#lib/runtime/process/logs.ts'
import { type Client, findConsole } from './client.ts'
import { isAlive, startConsole } from './console-process.ts'
import { CliError, exitCodes, tell } from './output.ts'

const watchMs = 500
/** A console that lived longer did not fail for the reason for which the one before it did. */
const quickMs = 60_000
const mostStarts = 5

/** Until the console is ended in order by somebody else. Rejects when `signal` aborts, or when console after console ends quickly. */
export async function stay(config: Config, client: Client, signal: AbortSignal): Promise<void> {
  tell('Ctrl-C stops the stack and the console')
  let quick = 0
  for (let current = client; ; ) {
    const begun = Date.now()
    while (isAlive(current.file.pid)) await pause(watchMs, undefined, { signal })
    if (!(await endedUnasked(config, current))) return tell('The console has ended')
    if (Date.now() - begun > quickMs) quick = 0
    if (++quick > mostStarts) throw givenUp(config)
    tell(`The console has ended unexpectedly and is started again (${quick} of ${mostStarts})`)
    current = (await findConsole(config.homeDir)) ?? (await startConsole(config))
  }
}

/** A console that ends in order takes away what it wrote about itself. */
async function endedUnasked({ homeDir }: Config, { file }: Client): Promise<boolean> {
  return (await readConsoleFile(homeDir))?.pid === file.pid
}

const givenUp = ({ homeDir }: Config): CliError =>
  new CliError(
    exitCodes.failed,
    `The console ends again and again; its last words are in ${consoleLog(homeDir)}`,
    'The services go on: `aviary up` tries again, `aviary down` stops everything',
  )
