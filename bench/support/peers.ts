/** The peers of the replay, as their users run them. */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { openSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { loadConfig } from '#lib/config.ts'
import type { Broker } from './broker.ts'

/** Runs to its end; rejects unless it exits 0. Resolves to seconds. */
export async function timed(command: string, args: readonly string[], stdin?: string): Promise<number> {
  const input = stdin === undefined ? 'ignore' : openSync(stdin, 'r')
  const start = performance.now()
  const child = spawn(command, args, { stdio: [input, 'ignore', 'inherit'] })
  const code = await new Promise((done, fail) => {
    child.once('error', fail)
    child.once('exit', done)
  })
  if (code !== 0) throw new Error(`${command} exited ${code}`)
  return (performance.now() - start) / 1000
}

/** The clients are a package of their own, which nothing else of Aviary needs. Throws with how to get it. */
export function requireMosquittoClients(): void {
  for (const client of ['mosquitto_pub', 'mosquitto_sub'])
    if (spawnSync(client, ['--help']).error !== undefined)
      throw new Error(`The peer ${client} is missing. Install it: apt-get install mosquitto-clients`)
}

/** `mosquitto_pub -l -q 1`: a message for each line of the file. */
export const mosquittoPub = (broker: Broker, lines: string): Promise<number> =>
  timed('mosquitto_pub', ['-p', String(broker.port), '-t', 'tweets', '-q', '1', '-l'], lines)

/** A Python with paho, kept in the cache. */
export async function pahoPython(): Promise<string> {
  const folder = join(loadConfig().cacheDir, 'bench', 'paho')
  const python = join(folder, 'bin/python')
  const there = await access(join(folder, 'ready')).then(
    () => true,
    () => false,
  )
  if (!there) {
    const run = promisify(execFile)
    await run('python3', ['-m', 'venv', '--clear', folder])
    await run(python, ['-m', 'pip', 'install', '--quiet', 'paho-mqtt==2.1.0'])
    await run('touch', [join(folder, 'ready')])
  }
  return python
}

/** Python paho with its defaults, as the original publisher used it, but without its pause of 2 s. */
export const paho = (broker: Broker, python: string, lines: string): Promise<number> =>
  timed(python, [join(import.meta.dirname, 'paho_publish.py'), String(broker.port), lines])

/** Takes every message and throws it away: without a subscriber a broker has nothing to do. */
export function startSubscriber(broker: Broker): { stop(): void } {
  const child = spawn('mosquitto_sub', ['-p', String(broker.port), '-t', 'tweets', '-q', '0'], { stdio: 'ignore' })
  return { stop: () => void child.kill() }
}
