import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Config, loadConfig } from '#lib/config.ts'
import { isReady } from '#lib/runtime/ask.ts'
import type { ServiceDefinition } from '../definition.ts'
import type { Instance, Runtime } from '../runtime.ts'
import { createProcessRuntime } from './index.ts'
import { consoleLog, logLimits, logPath } from './logs.ts'
import { listProcesses, readProcess } from './processes.ts'
import { readRecord } from './records.ts'

const never = new AbortController().signal
const id = 'zookeeper'
let config: Config
let runtime: Runtime
const open: Runtime[] = []

const create = () => {
  const made = createProcessRuntime({ config, log: pino({ enabled: false }) })
  open.push(made)
  return made
}
/** A service that runs a shell program. */
const service = (program: string, stopGraceMs = 10_000): ServiceDefinition => ({
  ...{
    id,
    engine: 'zookeeper',
    artifacts: [],
    version: '1',
    ports: [],
    memoryMb: 1,
    needs: [],
    outlives: [],
    files: [],
  },
  program: {
    kind: 'native',
    command: () => ({ command: 'sh', env: { GREETING: 'hi' }, version: '1' }),
    args: ['-c', program],
  },
  stopGraceMs,
  health: { kind: 'open', port: 'mosquitto' },
  ready: async () => isReady('sample', 'yes'),
})
const start = (definition: ServiceDefinition) => runtime.start(definition, () => {}, never)
const pidOf = async () => (await readRecord(config.homeDir, id))?.process?.pid ?? 0
const groupOf = async () => {
  const wrapper = (await readRecord(config.homeDir, id))?.process?.wrapperPid
  return (await listProcesses()).filter(({ group }) => group === wrapper).length
}
/** What the service itself has written, below the line about its start. */
const lines = async () => (await allLines()).filter((line) => !startLine.test(line))
const startLine = /^20\S+Z aviary: \S+ 1 is started$/
async function allLines(): Promise<string[]> {
  const found: string[] = []
  for await (const line of runtime.logs(id, { tail: 100, follow: false }, never)) found.push(line)
  return found
}

beforeEach(async () => {
  const home = await mkdtemp(join(tmpdir(), 'aviary-runtime-'))
  const env = { NODE_ENV: 'test', PATH: execPath(), AVIARY_HOME: home, XDG_CACHE_HOME: join(home, 'cache') } as const
  config = loadConfig(env)
  runtime = create()
})
afterEach(async () => {
  await runtime.stop(service('', 0), never)
  await Promise.all(open.splice(0).map((each) => each.close()))
  await rm(config.homeDir, { recursive: true, force: true })
})
const execPath = () => execFileSync('sh', ['-c', 'echo "$PATH"'], { encoding: 'utf8' }).trim()

describe('a service', () => {
  it('runs in a session of its own with its output in its log', async () => {
    await start(service('echo "$GREETING to out"; echo to err >&2; exec sleep 1000'))
    await expect.poll(lines).toEqual(['hi to out', 'to err'])
    expect(await allLines()).toEqual([expect.stringMatching(startLine), 'hi to out', 'to err'])
    const instance = (await runtime.inspect()).get(id)
    expect(instance).toMatchObject({ state: 'running', handle: String(await pidOf()), exit: null })
    const session = (await readFile(`/proc/${await pidOf()}/stat`, 'utf8')).split(' ')[5]
    expect(session).toBe(String((await readRecord(config.homeDir, id))?.process?.wrapperPid))
  })

  it('is left alone when it runs already, also by another console', async () => {
    await start(service('exec sleep 1000'))
    const pid = await pidOf()
    await create().start(service('exec sleep 1000'), () => {}, never)
    expect(await pidOf()).toBe(pid)
    expect((await create().inspect()).get(id)?.state).toBe('running')
  })

  it('is not taken for a later process with the same pid', async () => {
    await start(service('exec sleep 1000'))
    const file = join(config.homeDir, 'services', id, 'process')
    const written = await readFile(file, 'utf8')
    const fields = written.trimEnd().split(' ')
    const startTime = fields.length - 1 - (written.split(')')[1]?.trim().split(' ').length ?? 0) + 20
    fields[startTime] = String(Number(fields[startTime]) - 1)
    await writeFile(file, `${fields.join(' ')}\n`)
    expect((await runtime.inspect()).get(id)?.state).toBe('exited')
    await writeFile(file, written)
    expect((await runtime.inspect()).get(id)?.state).toBe('running')
  })

  it('is told to stop, then killed with all it has started', async () => {
    await start(service('trap "echo stopping; exit 0" TERM; echo listening; while :; do sleep 0.05; done'))
    await expect.poll(lines).toEqual(['listening'])
    await runtime.stop(service(''), never)
    expect(await lines()).toEqual(['listening', 'stopping'])
    expect((await runtime.inspect()).get(id)).toMatchObject({ state: 'exited', exit: { code: 0, signal: null } })

    await start(service('trap "echo not yet" TERM; sleep 1000 & while :; do sleep 0.05; done'))
    await expect.poll(groupOf).toBeGreaterThan(2)
    await runtime.stop(service('', 300), never)
    expect(await lines()).toContain('not yet')
    expect(await groupOf()).toBe(0)
    expect((await runtime.inspect()).get(id)?.state).toBe('exited')
  })

  it('that ends by itself is told within 2 s, by its code, with nothing of it left', async () => {
    const ends: Instance[] = []
    runtime.onExit((instance) => ends.push(instance))
    await start(service('sleep 1000 & echo bye; exit 7'))
    await expect.poll(() => ends).toHaveLength(1)
    expect(ends[0]).toMatchObject({ service: id, state: 'exited', exit: { code: 7, signal: null } })
    expect(await groupOf()).toBe(0)
  })

  it('that was killed is told by its signal, also to a console that did not start it', async () => {
    await start(service('sleep 1000 & exec sleep 1000'))
    await runtime.close()
    runtime = create()
    const ends: Instance[] = []
    runtime.onExit((instance) => ends.push(instance))
    await runtime.inspect()
    process.kill(await pidOf(), 'SIGKILL')
    await expect.poll(() => ends).toHaveLength(1)
    expect(ends[0]?.exit).toMatchObject({ code: null, signal: 'SIGKILL' })
    expect(await groupOf()).toBe(0)
  })

  it('leaves its code when no console is there', async () => {
    await start(service('sleep 0.2; exit 5'))
    await runtime.close()
    const pid = await pidOf()
    await expect.poll(() => readProcess(pid)).toBeNull()
    await expect.poll(async () => (await create().inspect()).get(id)?.exit?.code).toBe(5)
  })

  it('whose wrapper was killed still leaves nothing behind', async () => {
    await start(service('sleep 1000 & exec sleep 1000'))
    const record = await readRecord(config.homeDir, id)
    process.kill(record?.process?.wrapperPid ?? 0, 'SIGKILL')
    await expect.poll(groupOf).toBe(2)
    expect((await runtime.inspect()).get(id)?.state).toBe('running')
    await runtime.stop(service(''), never)
    expect(await groupOf()).toBe(0)
    expect((await runtime.inspect()).get(id)?.exit).toMatchObject({ code: null, signal: null })
  })

  it('that cannot be run says so by its code and its log', async () => {
    const program = {
      kind: 'native',
      command: () => ({ command: '/no/such/program', env: {}, version: '1' }),
      args: [],
    } as const
    await start({ ...service(''), program })
    await expect.poll(async () => (await runtime.inspect()).get(id)?.exit?.code).toBe(127)
    expect((await lines()).join()).toContain('/no/such/program')
  })

  it('is measured with its children, and not when it does not run', async () => {
    expect(await runtime.stats(id)).toBeNull()
    await start(service('sh -c "while :; do :; done" & while :; do :; done'))
    await expect.poll(groupOf).toBe(3)
    await runtime.stats(id)
    await expect.poll(async () => (await runtime.stats(id))?.cpuPercent).toBeGreaterThan(0)
    expect((await runtime.stats(id))?.rssBytes).toBeGreaterThan(500_000)
  })

  it('is prepared once, before its first start', async () => {
    const prepare = {
      program: {
        kind: 'native',
        command: () => ({ command: 'sh', env: {}, version: '1' }),
        args: ['-c', `echo preparing; touch "${config.homeDir}/data/${id}/done"`],
      },
      doneWhen: 'done',
    } as const
    await start({ ...service('echo running'), prepare })
    await expect.poll(lines).toEqual(['preparing', 'running'])
    await expect.poll(async () => (await runtime.inspect()).get(id)?.state).toBe('exited')
    await start({ ...service('echo running'), prepare })
    await expect.poll(lines).toEqual(['preparing', 'running', 'running'])
  })

  it('has the logs that grew while no console was there cut at the first look of the next, and the console its own', async () => {
    const logs = [logPath(join(config.homeDir, 'services', id)), consoleLog(config.homeDir)]
    await start(service('exec sleep 1000'))
    await runtime.close()
    for (const log of logs) await writeFile(log, Buffer.alloc(logLimits.bytes, 'x\n'), { flag: 'a' })
    create().onExit(() => {})
    for (const log of logs) {
      await expect.poll(async () => (await stat(log)).size).toBe(0)
      const copied = () => stat(`${log}.1`).then(({ size }) => size)
      await expect.poll(copied).toBeGreaterThanOrEqual(logLimits.bytes)
    }
  })

  it('keeps its data until it is purged', async () => {
    await start(service(`echo kept > "${config.homeDir}/data/${id}/file"; exec sleep 1000`))
    const file = join(config.homeDir, 'data', id, 'file')
    await expect.poll(() => readFile(file, 'utf8').catch(() => '')).toBe('kept\n')
    await expect(runtime.purge(id)).rejects.toThrow(/stop it/)
    await runtime.stop(service(''), never)
    expect(await readFile(file, 'utf8')).toBe('kept\n')
    await runtime.purge(id)
    await expect(readFile(file)).rejects.toThrow(/ENOENT/)
  })
})
