import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Config, loadConfig } from '#lib/config.ts'
import { isReady } from '#lib/runtime/ask.ts'
import type { ExternalService, ServiceDefinition } from '#lib/runtime/definition.ts'
import { createProcessRuntime } from '#lib/runtime/process/index.ts'
import { availableBytes } from './machine.ts'
import { findHolder, isFree, listeningInodes } from './ports.ts'
import { consoleFaults, fullDisks, preflight } from './preflight.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
})
/** Gone when the test ends. */
async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'aviary-preflight-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return dir
}

async function listen(): Promise<number> {
  const server = createServer()
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function look(
  env: Record<string, string>,
  changes: Partial<ServiceDefinition> = {},
  externals: readonly ExternalService[] = [],
) {
  const home = await folder()
  const base = { NODE_ENV: 'test', AVIARY_HOME: home, XDG_CACHE_HOME: home, PATH: '/usr/bin:/bin' } as const
  const config: Config = loadConfig({ ...base, ...env })
  const program = { kind: 'native', command: () => ({ command: 'true', env: {}, version: '1' }), args: [] } as const
  const service: ServiceDefinition = {
    ...{ id: 'mosquitto', engine: 'mosquitto', artifacts: [], version: '1', ports: ['mosquitto'], memoryMb: 1 },
    ...{ needs: [], outlives: [], files: [], program, stopGraceMs: 1_000 },
    health: { kind: 'open', port: 'mosquitto' },
    ready: async () => isReady('sample', 'yes'),
    ...changes,
  }
  const runtime = createProcessRuntime({ config, log: pino({ enabled: false }) })
  const faults = await preflight({ config, runtime, services: [service], externals })
  await runtime.close()
  return faults
}

describe('preflight', () => {
  it('names the process that holds a port, and what to do', async () => {
    const port = await listen()
    const [fault, ...others] = await look({ AVIARY_PORT_MOSQUITTO: String(port) })
    expect(others).toEqual([])
    expect(fault?.subject).toBe(`port ${port}`)
    expect(fault?.problem).toContain(`process ${process.pid} (`)
    expect(fault?.remedy).toContain('AVIARY_PORT_MOSQUITTO')
  })

  it('of a console in a container asks for no port: they are of another machine, and the engine says which is taken', async () => {
    const port = await listen()
    expect(await look({ AVIARY_PORT_MOSQUITTO: String(port), AVIARY_INSIDE: 'true' })).toEqual([])
  })

  it("names the holder of the console's own port too", async () => {
    const port = await listen()
    const env = { NODE_ENV: 'test', AVIARY_PORT_CONSOLE: String(port) } as const
    const [fault] = await consoleFaults(loadConfig(env))
    expect(fault?.problem).toContain(`the console needs it, and process ${process.pid} (`)
    expect(fault?.remedy).toContain('AVIARY_PORT_CONSOLE')
    await new Promise((resolve) => servers.pop()?.close(resolve))
    expect(await consoleFaults(loadConfig(env))).toEqual([])
  })

  it('adds up what is needed on one disk', () => {
    const home = { dir: '/home', needed: 2_000_000, variable: 'AVIARY_HOME', free: 3_000_000, disk: 1 }
    const cache = { ...home, dir: '/cache', variable: 'XDG_CACHE_HOME' }
    expect(fullDisks([home, { ...cache, disk: 2 }])).toEqual([])
    expect(fullDisks([home, cache])).toMatchObject([
      { subject: '/home and /cache', problem: '4 MB are needed there; 3 MB are free.' },
    ])
  })

  it('tells all faults at once', async () => {
    const port = await listen()
    const java = { kind: 'java', mainClass: 'M', jars: [], args: [], heapMb: 1, c1Only: true, jvmArgs: [] } as const
    const faults = await look(
      { AVIARY_PORT_MOSQUITTO: String(port), PATH: '/nowhere', AVIARY_HOME: '/proc/aviary' },
      { program: java, memoryMb: 100_000_000 },
    )
    expect(faults.map(({ subject }) => subject)).toEqual(['Java', 'memory', '/proc/aviary', `port ${port}`])
    for (const { problem, remedy } of faults) expect(problem && remedy).toBeTruthy()
  })

  it('refuses a Java that is too old', async () => {
    const home = await folder()
    await mkdir(join(home, 'bin'))
    await writeFile(join(home, 'bin', 'java'), '#!/bin/sh\necho \'openjdk version "11.0.2"\' >&2\n', { mode: 0o700 })
    const java = { kind: 'java', mainClass: 'M', jars: [], args: [], heapMb: 1, c1Only: true, jvmArgs: [] } as const
    const faults = await look({ JAVA_HOME: home }, { program: java, ports: [] })
    expect(faults).toHaveLength(1)
    expect(faults[0]?.problem).toContain('is Java 11.0.2')
  })
})

describe('ports', () => {
  it('are free until somebody listens', async () => {
    const port = await listen()
    expect(await isFree('127.0.0.1', port)).toBe(false)
    expect(await findHolder(port)).toMatchObject({ pid: process.pid })
    await new Promise((resolve) => servers.pop()?.close(resolve))
    expect(await isFree('127.0.0.1', port)).toBe(true)
    expect(await findHolder(port)).toBeNull()
  })

  it('are found in the table of the kernel by those that listen only', () => {
    const row = (port: string, state: string, inode: number) =>
      `   0: 0100007F:${port} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  0  0 ${inode} 1 0 100 0 0 10 0`
    const table = [
      '  sl  local_address rem_address st',
      row('075B', '0A', 11),
      row('075B', '01', 12),
      row('175B', '0A', 13),
    ]
    expect(listeningInodes(table.join('\n'), 1883)).toEqual(['11'])
  })
})

describe('available memory', () => {
  const machine = async (files: Record<string, string>) => {
    const root = await folder()
    for (const [path, text] of Object.entries({ 'proc/meminfo': 'MemAvailable:    4000000 kB\n', ...files })) {
      await mkdir(join(root, path, '..'), { recursive: true })
      await writeFile(join(root, path), text)
    }
    return { root, found: await availableBytes(root) }
  }

  it('is what the machine has left, where nothing limits it', async () => {
    const { found } = await machine({
      'proc/self/cgroup': '0::/\n',
      'sys/fs/cgroup/memory.max': 'max\n',
      'sys/fs/cgroup/memory.current': '1\n',
    })
    expect(found).toEqual({ bytes: 4_096_000_000, limitedBy: null })
  })

  it('is limited by any control group above, page cache apart', async () => {
    const { root, found } = await machine({
      'proc/self/cgroup': '0::/docker/abc\n',
      'sys/fs/cgroup/docker/memory.max': '1000000000\n',
      'sys/fs/cgroup/docker/memory.current': '700000000\n',
      'sys/fs/cgroup/docker/memory.stat': 'anon 1\ninactive_file 200000000\n',
    })
    expect(found).toEqual({ bytes: 500_000_000, limitedBy: join(root, 'sys/fs/cgroup/docker') })
  })

  it('is limited by groups of version 1, also when only the mount shows our own', async () => {
    const { found } = await machine({
      'proc/self/cgroup': '5:cpu:/x\n4:memory:/docker/abc\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '600000000\n',
      'sys/fs/cgroup/memory/memory.usage_in_bytes': '100000000\n',
    })
    expect(found.bytes).toBe(500_000_000)
  })
})
