import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Config, loadConfig } from '#lib/config.ts'
import { engines as createEngines } from '#lib/engines/registry.ts'
import type { ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { askHttp } from '#lib/runtime/ask.ts'
import type { PortName, ServiceDefinition } from '#lib/runtime/definition.ts'
import { createProcessRuntime } from '#lib/runtime/process/index.ts'
import { PreflightError, Stack } from './index.ts'
import { freePort, sickFileOf, smallService } from './small-service.ts'

const log = pino({ enabled: false })
let config: Config
const closers: (() => Promise<void>)[] = []

beforeEach(async () => {
  const home = await mkdtemp(join(tmpdir(), 'aviary-stack-'))
  const ports = Object.fromEntries(
    await Promise.all(
      ['ZOOKEEPER', 'DRUID_BROKER'].map(async (name) => [`AVIARY_PORT_${name}`, String(await freePort())]),
    ),
  )
  const env = { NODE_ENV: 'test', PATH: '/usr/bin:/bin', AVIARY_HOME: home, XDG_CACHE_HOME: home, ...ports }
  config = loadConfig(env as NodeJS.ProcessEnv)
})
afterEach(async () => {
  await create().down()
  for (const close of closers.splice(0)) await close()
  await rm(config.homeDir, { recursive: true, force: true })
})

const sickFile = (id: ServiceId) => sickFileOf(config, id)
const service = (id: ServiceId & PortName, changes?: Partial<ServiceDefinition>) => smallService(config, id, changes)

function create(services?: ServiceDefinition[]): Stack {
  const runtime = createProcessRuntime({ config, log })
  const defaults = [service('zookeeper'), service('druid-broker', { needs: ['zookeeper'] })]
  const stack = new Stack({ config, runtime, services: services ?? defaults, engines: createEngines(config), log })
  closers.push(() => stack.close().then(() => runtime.close()))
  return stack
}

const of = (stack: Stack, id: ServiceId): ServiceSnapshot => {
  const found = stack.snapshot().services.find((each) => each.id === id)
  if (found === undefined) throw new Error(`no ${id}`)
  return found
}
const ask = (id: PortName, path = '/') =>
  askHttp(`http://127.0.0.1:${config.ports[id]}${path}`, AbortSignal.timeout(2_000)).then(
    ({ body }) => body,
    () => null,
  )

describe('the stack', () => {
  it('comes up in order, says what each waits for, and goes down again', async () => {
    await writeFile(sickFile('zookeeper'), '')
    const stack = create()
    expect(stack.snapshot()).toMatchObject({ phase: 'stopped', startedAt: null, readyAfterMs: null })
    const up = stack.up()
    await expect.poll(() => of(stack, 'zookeeper').waitsFor).toBe('it is sick (/ answers 503)')
    expect(of(stack, 'druid-broker')).toMatchObject({ phase: 'waiting', waitsFor: 'zookeeper is not ready yet' })
    expect(stack.snapshot().phase).toBe('starting')
    expect(await ask('druid-broker')).toBeNull()

    await rm(sickFile('zookeeper'))
    await up
    expect(stack.snapshot()).toMatchObject({ phase: 'ready', reason: null, faults: [] })
    expect(stack.snapshot().readyAfterMs).toBeGreaterThan(0)
    expect(of(stack, 'druid-broker')).toMatchObject({ phase: 'ready', handle: await ask('druid-broker'), restarts: 0 })
    await expect.poll(() => of(stack, 'druid-broker').rssBytes, { timeout: 5_000 }).toBeGreaterThan(0)

    await stack.down()
    expect(stack.snapshot()).toMatchObject({ phase: 'stopped', startedAt: null })
    expect([await ask('zookeeper'), await ask('druid-broker')]).toEqual([null, null])
  })

  it('is started once, however often it is asked to', async () => {
    const stack = create()
    const first = stack.up()
    await Promise.all([first, stack.up(), stack.up({ only: ['zookeeper'] })])
    const pid = await ask('zookeeper')
    await stack.up()
    expect(await ask('zookeeper')).toBe(pid)
  })

  it('starts a part with what that needs, then the rest', async () => {
    const stack = create()
    await stack.startService('zookeeper')
    expect([of(stack, 'zookeeper').phase, of(stack, 'druid-broker').phase]).toEqual(['ready', 'stopped'])
    expect(stack.snapshot().phase).toBe('ready')
    await stack.up({ only: ['druid-broker'] })
    expect(of(stack, 'druid-broker').phase).toBe('ready')
  })

  it('starts a service after others only where both are brought up together', async () => {
    await writeFile(sickFile('zookeeper'), '')
    const late = service('druid-broker', { startsAfter: ['zookeeper'] })
    const stack = create([service('zookeeper'), late])
    await stack.startService('druid-broker')
    await stack.stopService('druid-broker')
    const up = stack.up()
    await expect.poll(() => of(stack, 'druid-broker').waitsFor).toBe('zookeeper is not ready yet')
    await rm(sickFile('zookeeper'))
    await up
    expect(of(stack, 'druid-broker').phase).toBe('ready')
  })

  it('hands a smaller start over to a larger one', async () => {
    await writeFile(sickFile('zookeeper'), '')
    const stack = create()
    const small = stack.up({ only: ['zookeeper'] })
    await expect.poll(() => of(stack, 'zookeeper').waitsFor).toContain('it is sick')
    const large = stack.up()
    await rm(sickFile('zookeeper'))
    await Promise.all([small, large])
    expect(of(stack, 'druid-broker').phase).toBe('ready')
  })

  it('gives up a start when it is told to stop', async () => {
    await writeFile(sickFile('zookeeper'), '')
    const stack = create()
    const up = expect(stack.up()).rejects.toThrow(/being stopped/)
    await expect.poll(() => of(stack, 'zookeeper').waitsFor).toContain('it is sick')
    await stack.down()
    await up
    expect(stack.snapshot()).toMatchObject({ phase: 'stopped', reason: null })
    expect(await ask('zookeeper')).toBeNull()
  })

  it('starts a service that died again, and tells its end', async () => {
    const stack = create()
    await stack.up()
    const seen: ServiceSnapshot[] = []
    stack.onChange(({ services }) => seen.push(...services.filter(({ id }) => id === 'druid-broker')))
    await ask('druid-broker', '/die')
    await expect.poll(() => seen.some(({ restartAt }) => restartAt !== null), { timeout: 5_000 }).toBe(true)
    const waiting = seen.find(({ restartAt }) => restartAt !== null)
    expect(waiting).toMatchObject({ phase: 'waiting', exit: { code: 9, signal: null }, status: { state: 'down' } })
    expect(waiting?.lastLog.at(-1)).toBe('dies')
    await expect.poll(() => of(stack, 'druid-broker').phase, { timeout: 10_000 }).toBe('ready')
    expect(of(stack, 'druid-broker')).toMatchObject({ restarts: 1, exit: null, lastLog: [] })
    expect(stack.snapshot().phase).toBe('ready')
  })

  it('stays down where it cannot run, and says why', async () => {
    const program = {
      kind: 'native',
      command: () => {
        throw new Error('It is not fetched.')
      },
      args: [],
    } as const
    const stack = create([service('zookeeper', { program })])
    await expect(stack.up()).rejects.toThrow(/It is not fetched/)
    expect(stack.snapshot()).toMatchObject({ phase: 'failed', reason: expect.stringContaining('It is not fetched') })
    expect(of(stack, 'zookeeper').phase).toBe('failed')
  })

  it('notices a service that runs and is no longer ready', async () => {
    const stack = create()
    await stack.up()
    await writeFile(sickFile('zookeeper'), '')
    await expect.poll(() => stack.snapshot().phase, { timeout: 10_000 }).toBe('degraded')
    expect(stack.snapshot().reason).toContain('zookeeper: It runs, but it is sick')
    await rm(sickFile('zookeeper'))
    await expect.poll(() => stack.snapshot().phase, { timeout: 10_000 }).toBe('ready')
  })

  it('starts nothing when something is in the way', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(config.ports.zookeeper, '127.0.0.1', resolve))
    const stack = create()
    await expect(stack.up()).rejects.toThrow(PreflightError)
    expect(stack.snapshot()).toMatchObject({ phase: 'failed', faults: [{ subject: `port ${config.ports.zookeeper}` }] })
    await new Promise((resolve) => other.close(resolve))
    await stack.up()
    expect(stack.snapshot()).toMatchObject({ phase: 'ready', faults: [] })
  })
})

describe('a later console', () => {
  it('watches what runs, without starting it anew', async () => {
    const before = create()
    await before.up()
    const { startedAt, readyAfterMs } = before.snapshot()
    const pid = await ask('zookeeper')
    await before.close()
    const stack = create()
    await stack.adopt()
    await expect.poll(() => stack.snapshot().phase).toBe('ready')
    expect(stack.snapshot()).toMatchObject({ startedAt, readyAfterMs })
    expect(of(stack, 'zookeeper').handle).toBe(pid)
    await ask('zookeeper', '/die')
    await expect.poll(() => of(stack, 'zookeeper').restarts, { timeout: 5_000 }).toBe(1)
  })

  it('starts what was meant to run and died meanwhile', async () => {
    const before = create()
    await before.up()
    await before.close()
    await closers.pop()?.()
    await ask('zookeeper', '/die')
    const stack = create()
    await stack.adopt()
    await expect.poll(() => stack.snapshot().phase, { timeout: 10_000 }).toBe('ready')
    expect(await ask('zookeeper')).toBe(of(stack, 'zookeeper').handle)
  })

  it('leaves stopped what was stopped, also when the stop was cut short', async () => {
    const before = create()
    await before.up()
    await before.close()
    const file = join(config.homeDir, 'stack.json')
    await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), stopping: true }))
    const stack = create()
    await stack.adopt()
    await expect.poll(() => stack.snapshot().phase, { timeout: 10_000 }).toBe('stopped')
    expect(await ask('zookeeper')).toBeNull()
    const next = create()
    await next.adopt()
    expect(next.snapshot().phase).toBe('stopped')
  })
})
