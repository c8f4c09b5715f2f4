/** A stack of its own for the tests, driven as a person would: by the command line. */
import { spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Ledger } from '#lib/pipeline/ledger.ts'
import type { Overview, RunSnapshot } from '#lib/pipeline/snapshot.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'

const root = resolve(import.meta.dirname, '../..')

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export class TestStack {
  readonly home: string
  readonly env: NodeJS.ProcessEnv
  readonly #offset: number

  constructor(home: string, portOffset: number) {
    this.home = home
    this.#offset = portOffset
    this.env = { ...process.env, AVIARY_HOME: home, AVIARY_PORT_OFFSET: String(portOffset) }
  }

  port(standard: number): number {
    return standard + this.#offset
  }

  /** Runs `aviary ARGS` to its end. */
  run(...args: string[]): Promise<Finished> {
    return new Promise((done, fail) => {
      const child = spawn(process.execPath, [join(root, 'bin/aviary'), ...args], {
        env: this.env,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let stdout = ''
      let stderr = ''
      child.stdout.setEncoding('utf8').on('data', (s: string) => (stdout += s))
      child.stderr.setEncoding('utf8').on('data', (s: string) => (stderr += s))
      child.on('error', fail)
      child.on('close', (code) => done({ code, stdout, stderr }))
    })
  }

  /** Runs `aviary ARGS` and throws with all it said unless it exits 0. */
  async must(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args)
    if (code !== 0) throw new Error(`aviary ${args.join(' ')} exited ${code}\n${stdout}\n${stderr}`)
    return stdout
  }

  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.must(...args, '--json')) as T
  }

  status = (): Promise<Overview> => this.json<Overview>('status')
  ledger = (run: string): Promise<Ledger> => this.json<Ledger>('ledger', run)
  runs = (): Promise<RunSnapshot[]> => this.json<RunSnapshot[]>('replay', 'list')

  /** Process id of a service's main process. */
  async pid(service: ServiceId): Promise<number> {
    const found = (await this.status()).stack.services.find((s) => s.id === service)
    if (!found?.handle) throw new Error(`${service} does not run: ${JSON.stringify(found)}`)
    return Number(found.handle)
  }

  async kill(service: ServiceId): Promise<number> {
    const pid = await this.pid(service)
    process.kill(pid, 'SIGKILL')
    return pid
  }

  /** Runs SQL on Druid itself, past the console; integers above 2^53 must be cast to text by the query. */
  async sql<T>(query: string, parameters: { type: string; value: string | number }[] = []): Promise<T[]> {
    const reply = await fetch(`http://127.0.0.1:${this.port(8888)}/druid/v2/sql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, parameters }),
    })
    const text = await reply.text()
    if (!reply.ok) throw new Error(`Druid answered ${reply.status} to ${query}: ${text}`)
    return JSON.parse(text) as T[]
  }
}

/** Pids whose command line has all of `words` and whose environment or arguments belong to `home`. */
export async function processesOf(home: string, ...words: string[]): Promise<number[]> {
  const found: number[] = []
  for (const pid of (await readdir('/proc')).filter((p) => /^\d+$/.test(p))) {
    try {
      const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ')
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8')
      const ours = command.includes(home) || environment.includes(`AVIARY_HOME=${home}`)
      if (ours && words.every((w) => command.includes(w))) found.push(Number(pid))
    } catch {
      // It ended while we looked.
    }
  }
  return found
}

/** Polls until `probe` gives something other than null; the error names what was waited for and what was last seen. */
export async function until<T>(what: string, seconds: number, probe: () => Promise<T | null>): Promise<T> {
  const end = Date.now() + seconds * 1000
  let last: unknown = null
  while (Date.now() < end) {
    try {
      const value = await probe()
      if (value !== null) return value
      last = null
    } catch (error) {
      last = error
    }
    await new Promise((r) => setTimeout(r, 250))
  }
  throw new Error(`waited ${seconds} s for ${what}`, { cause: last })
}
