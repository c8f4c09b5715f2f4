/** A stack of its own for the tests, driven as a person would: by the command line. */
import { execFile, spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { connect } from '#lib/cli/client.ts'
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
    const AVIARY_RUNTIME = process.env.AVIARY_RUNTIME ?? 'process'
    this.env = { ...process.env, AVIARY_HOME: home, AVIARY_PORT_OFFSET: String(portOffset), AVIARY_RUNTIME }
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

  get inContainers(): boolean {
    return this.env.AVIARY_RUNTIME !== 'process'
  }

  /** Process or container id of a service. */
  async handle(service: ServiceId): Promise<string> {
    const found = (await this.status()).stack.services.find((s) => s.id === service)
    if (!found?.handle) throw new Error(`${service} does not run: ${JSON.stringify(found)}`)
    return found.handle
  }

  /** When it was started last, ms since the epoch; null while it does not run. */
  async startedAt(service: ServiceId): Promise<number | null> {
    return (await this.status()).stack.services.find((s) => s.id === service)?.startedAt ?? null
  }

  /** SIGKILL, from outside of the console. Resolves to the id of what was killed. */
  async kill(service: ServiceId): Promise<string> {
    const handle = await this.handle(service)
    if (this.inContainers) await docker('kill', '--signal', 'KILL', handle)
    else process.kill(Number(handle), 'SIGKILL')
    return handle
  }

  /** Stops it in its tracks for a while. */
  async hang(service: ServiceId, seconds: number): Promise<void> {
    const handle = await this.handle(service)
    if (this.inContainers) await freeze(handle)
    else process.kill(Number(handle), 'SIGSTOP')
    await new Promise((r) => setTimeout(r, seconds * 1000))
    if (this.inContainers) await docker('unpause', handle)
    else process.kill(Number(handle), 'SIGCONT')
  }

  /** Kills the ingestion tasks of Druid; there must be one. */
  async killPeons(): Promise<void> {
    if (this.inContainers) {
      // The brackets keep the pattern from finding the shell that holds it.
      const isPeon = `tr '\\0' ' ' < $p/cmdline | grep -q 'internal [p]eon'`
      const script = `n=1; for p in /proc/[0-9]*; do if ${isPeon}; then kill -9 $(basename $p); n=0; fi; done; exit $n`
      await docker('exec', await this.handle('druid-middlemanager'), 'sh', '-c', script)
      return
    }
    const peons = await processesOf(this.home, 'internal', 'peon')
    if (peons.length === 0) throw new Error('no peon runs')
    for (const pid of peons) process.kill(pid, 'SIGKILL')
  }

  /** Waits until every service that is to run is ready and its engine works; the error names those that do not, with their reasons. */
  async healthy(): Promise<void> {
    await until('the stack to be ready again', 400, async () => {
      const { stack, engines } = await this.status()
      const services = stack.services.filter(({ phase }) => phase !== 'stopped')
      const states = [...services.map(({ id, status }) => [id, status] as const), ...Object.entries(engines)]
      const used = new Set<string>(services.flatMap(({ id, engine }) => [id, engine]))
      const ailing = states.filter(([id, status]) => used.has(id) && status?.state !== 'up')
      if (stack.phase === 'ready' && ailing.length === 0) return true
      throw new Error(`${stack.phase}: ${ailing.map(([id, status]) => `${id}: ${status?.reason}`).join('; ')}`)
    })
  }

  /** As the buttons of the services page do; what comes of it shows in the status. */
  async act(verb: 'start' | 'stop' | 'restart', service: ServiceId): Promise<void> {
    await (await connect(this.home)).post(`/api/services/${service}/${verb}`)
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

/** Runs Docker's own client, past the console. */
export async function docker(...args: string[]): Promise<string> {
  return (await promisify(execFile)('docker', args)).stdout
}

/** Docker cannot always freeze a busy container at once ("unable to freeze"). */
const freeze = (id: string): Promise<string> => until(`docker pause ${id}`, 30, () => docker('pause', id))

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
