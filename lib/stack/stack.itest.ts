import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, describe, expect, it } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import { engines as createEngines, serviceDefinitions } from '#lib/engines/registry.ts'
import { type ServiceId, serviceIds, sourceConnector } from '#lib/pipeline/stages.ts'
import { createProcessRuntime, processSite } from '#lib/runtime/process/index.ts'
import { listProcesses } from '#lib/runtime/process/processes.ts'
import { Stack } from './index.ts'

/** A stack of its own beside the shared one: this suite kills and purges. */
const home = await mkdtemp(join(tmpdir(), 'aviary-itest-'))
const config = loadConfig({ ...process.env, AVIARY_HOME: home, AVIARY_PORT_OFFSET: '17000' })
const site = processSite(config)
const definitions = serviceDefinitions(site)
const javaServices = definitions.filter(({ program }) => program.kind === 'java').map(({ id }) => id)
const log = pino({ level: 'warn' })

function open() {
  const runtime = createProcessRuntime({ config, log })
  const engines = createEngines(site)
  const stack = new Stack({ config, runtime, services: definitions, engines, log })
  const close = async () => {
    await stack.close()
    await runtime.close()
    await Promise.all(Object.values(engines).map((engine) => engine.close()))
  }
  return { stack, engines, close }
}

let first = open()
const of = (id: ServiceId) => first.stack.snapshot().services.find((service) => service.id === id)
const pids = () => Object.fromEntries(first.stack.snapshot().services.map(({ id, handle }) => [id, Number(handle)]))
const groups = () => Promise.all(serviceIds.map(groupOf))
const groupAlive = (group: number) => {
  try {
    return process.kill(-group, 0)
  } catch {
    return false
  }
}
const mapped = async (pid: number) =>
  (await readFile(`/proc/${pid}/maps`, 'utf8')).match(/\S+\/cds\/\S+\.jsa/)?.[0] ?? null
const groupOf = async (id: ServiceId) =>
  Number((await readFile(join(home, 'services', id, 'process'), 'utf8')).split(' ')[0])
async function peons(): Promise<number[]> {
  const group = await groupOf('druid-middlemanager')
  const mine = (await listProcesses()).filter((info) => info.group === group)
  const commands = await Promise.all(mine.map(({ pid }) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return mine.flatMap(({ pid }, i) =>
    commands[i]?.includes('\0peon\0') && !commands[i]?.startsWith('/bin/sh') ? [pid] : [],
  )
}

afterAll(async () => {
  await first.stack.down({ purge: true })
  await first.close()
  await rm(home, { recursive: true, force: true })
})

describe('the stack on real engines', () => {
  it('comes up: every service ready, every engine provisioned and working', async () => {
    await first.stack.up()
    const { phase, services, steps, readyAfterMs } = first.stack.snapshot()
    expect(phase).toBe('ready')
    expect(services.map(({ id, phase }) => [id, phase])).toEqual(definitions.map(({ id }) => [id, 'ready']))
    expect(steps.filter(({ state }) => state !== 'done')).toEqual([])
    expect(readyAfterMs).toBeGreaterThan(0)
    for (const engine of Object.values(first.engines)) {
      const state = () => engine.probe(AbortSignal.timeout(30_000)).then(({ state }) => state)
      await expect.poll(state, { timeout: 120_000, interval: 1_000 }).toBe('up')
    }
  })

  it('starts a killed MiddleManager again, without leaving its peons behind', async () => {
    const group = Number(
      (await readFile(join(home, 'services', 'druid-middlemanager', 'process'), 'utf8')).split(' ')[0],
    )
    const before = pids()['druid-middlemanager'] ?? 0
    process.kill(before, 'SIGKILL')
    await expect.poll(() => of('druid-middlemanager')?.exit?.signal, { timeout: 60_000 }).toBe('SIGKILL')
    await expect.poll(() => groupAlive(group), { timeout: 60_000 }).toBe(false)
    await expect.poll(() => of('druid-middlemanager')?.phase, { timeout: 120_000 }).toBe('ready')
    expect(of('druid-middlemanager')?.restarts).toBe(1)
    expect(pids()['druid-middlemanager']).not.toBe(before)
    const druid = () => first.engines.druid.probe(AbortSignal.timeout(10_000)).then(({ state }) => state)
    await expect.poll(druid, { timeout: 120_000, interval: 1_000 }).toBe('up')
  })

  it('is found again by the next console, which starts nothing anew', async () => {
    const before = pids()
    await first.close()
    first = open()
    await first.stack.adopt()
    await expect.poll(() => first.stack.snapshot().phase, { timeout: 120_000 }).toBe('ready')
    expect(pids()).toEqual(before)
  })

  it('goes down and leaves no process behind', async () => {
    // For the next start, which must neither wait for it nor resume it.
    await first.engines.connect.pause(sourceConnector, AbortSignal.timeout(10_000))
    const before = await groups()
    expect(before.map(groupAlive)).not.toContain(false)
    await first.stack.down()
    await expect.poll(() => before.map(groupAlive)).not.toContain(true)
    expect(first.stack.snapshot().phase).toBe('stopped')
  })

  it('starts from its archives the second time, peons too', async () => {
    await first.stack.up()
    const archives = await Promise.all(javaServices.map(async (id) => [id, await mapped(pids()[id] ?? 0)] as const))
    expect(archives.filter(([, archive]) => archive === null)).toEqual([])
    const ofPeons = async () => Promise.all((await peons()).map(mapped))
    await expect.poll(async () => (await ofPeons())[0], { timeout: 180_000 }).toContain('druid-middlemanager-child')
  })

  it('came up although the connector was paused, and left it so', async () => {
    const { connect } = first.engines
    const probe = () => connect.probe(AbortSignal.timeout(10_000))
    expect(await probe()).toMatchObject({ state: 'degraded', held: true, reason: expect.stringContaining('is paused') })
    await connect.resume(sourceConnector, AbortSignal.timeout(10_000))
    await expect.poll(async () => (await probe()).state, { timeout: 120_000 }).toBe('up')
  })

  it('forgets everything when it is purged', async () => {
    await access(join(home, 'data', 'kafka', 'meta.properties'))
    await first.stack.down({ purge: true })
    for (const id of serviceIds) await expect(access(join(home, 'data', id))).rejects.toThrow(/ENOENT/)
  })
})
