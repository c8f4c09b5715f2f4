/** The peers of the replay, as their users run them. */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, statSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
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

/**
 * `mosquitto_pub -l -q 1`: a message for each line of the file, `times` times. The file has fewer lines than there are
 * packet ids, 65,535: it ends with the first acknowledgement that has the packet id of its last line (2.0.11), and of
 * 200,000 lines only 3,392 or 68,927 have been published by then.
 */
export async function mosquittoPub(broker: Broker, lines: string, times: number): Promise<number> {
  let seconds = 0
  for (let n = 0; n < times; n++)
    seconds += await timed('mosquitto_pub', ['-p', String(broker.port), '-t', 'tweets', '-q', '1', '-l'], lines)
  return seconds
}

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

export interface Subscriber {
  /** Messages that came so far. */
  received(): number
  /** Resolves when so many more came than at `before`; rejects when no more come. */
  all(before: number, count: number): Promise<void>
  /** What was printed of each. */
  lines(): string[]
  stop(): void
}

const patienceMs = 5_000

/**
 * Takes every message, and prints of each what `format` says: without a subscriber a broker has nothing to do, and what
 * a publisher says of itself is no proof. A process that writes to a file, as it must not take the time that it measures.
 */
export async function startSubscriber(broker: Broker, format = '.'): Promise<Subscriber> {
  const path = join(broker.folder, `received-${performance.now()}`)
  const out = openSync(path, 'w')
  const at = ['-p', String(broker.port)]
  // A retained message of another topic comes when both are subscribed.
  await timed('mosquitto_pub', [...at, '-t', 'ready', '-r', '-m', 'ready'])
  const child = spawn('mosquitto_sub', ['-V', '5', ...at, '-t', 'tweets', '-t', 'ready', '-F', format], {
    stdio: ['ignore', out, 'inherit'],
  })
  closeSync(out)
  const lines = () => readFileSync(path, 'utf8').split('\n').slice(1, -1)
  const received = () => (format === '.' ? statSync(path).size / 2 - 1 : lines().length)
  while (statSync(path).size === 0) await pause(10)
  return {
    received,
    lines,
    all: async (before, count) => {
      for (const until = performance.now() + patienceMs; received() < before + count; await pause(10))
        if (performance.now() > until) throw new Error(`${received() - before} of ${count} messages were published`)
    },
    stop: () => void child.kill(),
  }
}
