/** Starts and ends the console's process. It is detached: whoever started it may go, it stays. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, open, readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Config } from '#lib/config.ts'
import { consoleLog, logLimits, rotate } from '#lib/runtime/process/logs.ts'
import { type Client, findConsole } from './client.ts'
import { CliError, exitCodes } from './output.ts'

const startMs = 60_000
const endMs = 20_000
const pollMs = 100

/** Measured on a busy stack: 266 MB resident without, 196 MB with these, at the same load. */
const frugal = { flags: ['--max-semi-space-size=8'], env: { MALLOC_ARENA_MAX: '2' } } as const

async function waitFor<T>(ms: number, probe: () => Promise<T | null>): Promise<T | null> {
  const end = Date.now() + ms
  while (Date.now() < end) {
    const found = await probe()
    if (found !== null) return found
    await pause(pollMs)
  }
  return null
}

/** Resolves when the console answers. Throws with the end of its log when it does not come up. */
export async function startConsole(config: Config): Promise<Client> {
  await mkdir(config.homeDir, { recursive: true, mode: 0o700 })
  await rotate(consoleLog(config.homeDir), logLimits)
  const log = await open(consoleLog(config.homeDir), 'a', 0o600)
  const begin = (await log.stat()).size
  const child = spawn(process.execPath, [...frugal.flags, 'server.ts'], {
    cwd: config.rootDir,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: { ...process.env, ...frugal.env, NODE_ENV: 'production' },
  })
  child.unref()
  const client = await waitFor(startMs, async () => {
    if (child.exitCode !== null || child.signalCode !== null) return Promise.reject(await failure(config, begin))
    return isOurs(await findConsole(config.homeDir), child)
  }).finally(() => log.close())
  if (client !== null) return client
  child.kill()
  throw await failure(config, begin)
}

const isOurs = (client: Client | null, child: ChildProcess): Client | null =>
  client?.file.pid === child.pid ? client : null

async function failure(config: Config, begin: number): Promise<CliError> {
  const path = consoleLog(config.homeDir)
  const log = (await readFile(path)).subarray(begin).toString('utf8')
  const end = log.trim().split('\n').slice(-15).join('\n')
  return new CliError(exitCodes.failed, `The console did not start:\n${end}`, `The whole log: ${path}`)
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Ends the console; services and replays go on. `client` has just answered, so its process id is still its own. */
export async function endConsole(client: Client): Promise<void> {
  const { pid } = client.file
  process.kill(pid, 'SIGTERM')
  const gone = await waitFor(endMs, async () => (isAlive(pid) ? null : true))
  if (gone === null) throw new CliError(exitCodes.failed, `The console (process ${pid}) does not end`)
}
