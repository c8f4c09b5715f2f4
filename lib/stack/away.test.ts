/** A stack of containers whose engine goes away, as far as that shows on the wire. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Config, loadConfig } from '#lib/config.ts'
import { engines as createEngines } from '#lib/engines/registry.ts'
import { isReady, notReady } from '#lib/runtime/ask.ts'
import type { ServiceDefinition } from '#lib/runtime/definition.ts'
import { imageRef } from '#lib/runtime/docker/images/index.ts'
import { createDockerRuntime } from '#lib/runtime/docker/index.ts'
import { type FakeContainer, FakeDocker } from '#lib/runtime/docker/testing/fake-docker.ts'
import { service as sample } from '#lib/runtime/docker/testing/sample-service.ts'
import { siteOf } from './choice.ts'
import { Stack } from './index.ts'
import { freePort } from './small-service.ts'
import { of } from './small-stacks.ts'

const log = pino({ enabled: false })
const soon = { timeout: 20_000 }
const noEngine = expect.stringMatching(/^No Docker engine answers at .*docker\.sock\. Start it/)

let config: Config
let engine: FakeDocker
let stack: Stack
let closeRuntime: () => Promise<void>

const container = () => engine.named('birds-zookeeper-1') as FakeContainer
const zookeeper = () => of(stack, 'zookeeper')
/** Engine and service at once, as a kill of the engine does: nobody tells of the service's end. */
async function killEngine(): Promise<void> {
  await engine.goAway()
  Object.assign(container(), { status: 'exited', code: 137 })
}

function create(): void {
  const address = { socketPath: engine.socketPath }
  const runtime = createDockerRuntime({ config, log, address, project: 'birds', debian: 'debian:x' })
  const runs = async () => container()?.status === 'running'
  const service: ServiceDefinition = {
    ...{ ...sample(), id: 'zookeeper', engine: 'zookeeper', ports: ['zookeeper'] },
    ready: async () => ((await runs()) ? isReady('sample', 'yes') : notReady('it is refused', 'sample', null)),
  }
  stack = new Stack({ ...{ config, runtime, log }, services: [service], engines: createEngines(siteOf(config)) })
  closeRuntime = () => runtime.close()
}

async function close(): Promise<void> {
  await stack.close()
  await closeRuntime()
}

beforeEach(async () => {
  const home = await mkdtemp(join(tmpdir(), 'aviary-away-'))
  const env = { NODE_ENV: 'test', AVIARY_HOME: home, XDG_CACHE_HOME: home, AVIARY_RUNTIME: 'docker' }
  config = loadConfig({ ...env, AVIARY_PORT_ZOOKEEPER: String(await freePort()) } as NodeJS.ProcessEnv)
  engine = new FakeDocker()
  await engine.listen()
  for (const id of ['base', 'jre', 'druid'] as const) engine.images.add(await imageRef(id, config))
  create()
})
afterEach(async () => {
  await close()
  await engine.close()
  await rm(config.homeDir, { recursive: true, force: true })
})

it('a stop that failed is forgotten when the stack is started again', async () => {
  await stack.up()
  engine.more = ({ url, answer }) => {
    if (!url.pathname.endsWith('/stop')) return false
    answer(500, { message: 'it cannot be stopped now' })
    return true
  }
  await expect(stack.down()).rejects.toThrow(/it cannot be stopped now/)
  engine.more = null
  await stack.up()
  await close()
  create()
  await stack.adopt()
  await expect.poll(() => stack.snapshot().phase, soon).toBe('ready')
  expect(container().status).toBe('running')
})

describe('an engine that goes away', () => {
  it('in order is told as that, and its services are started again when it is back, however late', async () => {
    await stack.up()
    engine.end(container(), 0)
    await expect.poll(() => zookeeper().phase, soon).toBe('waiting')
    await engine.goAway()
    await expect.poll(() => stack.snapshot(), soon).toMatchObject({ phase: 'away', reason: noEngine, faults: [] })
    await expect
      .poll(() => zookeeper(), soon)
      .toMatchObject({
        ...{ phase: 'waiting', waitsFor: 'the Docker engine to answer', restartAt: null },
        status: { state: 'unknown', reason: 'It is started again when the Docker engine answers.' },
      })
    await engine.listen()
    await expect.poll(() => stack.snapshot().phase, soon).toBe('ready')
    expect(zookeeper()).toMatchObject({ phase: 'ready', status: { state: 'up' } })
    expect(container().status).toBe('running')
  })

  it('at once leaves unknown what of its services runs, and what does not is started again', async () => {
    await stack.up()
    await killEngine()
    await expect.poll(() => stack.snapshot().phase, soon).toBe('away')
    const reason = 'Whether it runs is not known while the Docker engine does not answer.'
    await expect.poll(() => zookeeper(), soon).toMatchObject({ status: { state: 'unknown', reason }, cpuPercent: null })
    await engine.listen()
    await expect.poll(() => container().status, soon).toBe('running')
    await expect.poll(() => stack.snapshot().phase, soon).toBe('ready')
    expect(zookeeper()).toMatchObject({ restarts: 1, exit: { signal: 'SIGKILL' } })
  })

  it('before the console begins is no failure, and what was meant to run is started when it is back', async () => {
    await stack.up()
    await close()
    await killEngine()
    create()
    await stack.adopt()
    expect(stack.snapshot()).toMatchObject({ phase: 'away', reason: noEngine, faults: [] })
    await engine.listen()
    await expect.poll(() => stack.snapshot().phase, soon).toBe('ready')
    expect(container().status).toBe('running')
  })

  it('while nothing was started is told too, and nothing is started when it is back', async () => {
    await stack.adopt()
    expect(stack.snapshot().phase).toBe('stopped')
    await engine.goAway()
    await expect.poll(() => stack.snapshot(), soon).toMatchObject({ phase: 'away', reason: noEngine })
    await engine.listen()
    await expect.poll(() => stack.snapshot(), soon).toMatchObject({ phase: 'stopped', reason: null })
    expect(engine.acts).toEqual([])
  })

  it('before a start refuses that, with what to do', async () => {
    await engine.goAway()
    await expect(stack.up()).rejects.toThrow(/No Docker engine answers/)
    expect(stack.snapshot()).toMatchObject({ phase: 'failed', faults: [{ subject: 'Docker' }] })
  })

  it('in the middle of a build holds up the start, which goes on by itself when it is back', async () => {
    engine.images.delete(await imageRef('base', config))
    engine.images.add('debian:x')
    let builds = 0
    engine.more = ({ url, response, answer }, kind) => {
      if (kind !== 'build') return false
      builds++
      if (builds === 1) response.writeHead(200).write('{"stream":"Step 1/2 : FROM x"}\n')
      else {
        engine.images.add(url.searchParams.get('t') ?? '')
        answer(200, { stream: 'Successfully built x' })
      }
      return true
    }
    const up = stack.up()
    const step = () => stack.snapshot().steps.find(({ kind, of: image }) => kind === 'build' && image === 'base')
    await expect.poll(step, soon).toMatchObject({ state: 'running', detail: expect.stringContaining('1/2') })
    await engine.goAway()
    await expect.poll(() => stack.snapshot(), soon).toMatchObject({ phase: 'away', reason: noEngine, faults: [] })
    await engine.listen()
    await up
    expect(stack.snapshot().phase).toBe('ready')
    expect(builds).toBe(2)
  })

  it('while one service is to be stopped leaves that as it is, and it is watched again when it is back', async () => {
    await stack.up()
    await engine.goAway()
    await expect(stack.stopService('zookeeper')).rejects.toThrow(/No Docker engine answers/)
    await engine.listen()
    await expect.poll(() => zookeeper(), soon).toMatchObject({ phase: 'ready', status: { state: 'up' } })
    expect(stack.snapshot().phase).toBe('ready')
    await stack.stopService('zookeeper')
    expect(container().status).toBe('exited')
  })

  it('in the middle of a stop holds it up until it is back', async () => {
    await stack.up()
    await engine.goAway()
    await expect(stack.down()).rejects.toThrow(/No Docker engine answers/)
    expect(stack.snapshot().phase).toBe('away')
    await engine.listen()
    await expect.poll(() => stack.snapshot().phase, soon).toBe('stopped')
    expect(container().status).toBe('exited')
  })
})
