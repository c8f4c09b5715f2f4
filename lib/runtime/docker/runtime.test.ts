/** The runtime against an engine that is only there on the wire; the guard stands between them as always. */
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import type { Instance, Runtime } from '../runtime.ts'
import { imageRef } from './images/index.ts'
import { createDockerRuntime } from './index.ts'
import { type FakeContainer, FakeDocker } from './testing/fake-docker.ts'
import { service } from './testing/sample-service.ts'

const config = loadConfig({ NODE_ENV: 'test' })
const never = new AbortController().signal
const nobody = () => {}
const label = { 'com.docker.compose.project': 'birds' }

let engine: FakeDocker
let runtime: Runtime
const create = (): Runtime => {
  const address = { socketPath: engine.socketPath }
  return createDockerRuntime({ config, log: pino({ enabled: false }), address, project: 'birds', debian: 'debian:x' })
}
const start = (definition = service()) => runtime.start(definition, nobody, never)
const container = () => engine.named('birds-mosquitto-1') as FakeContainer
const creations = () => engine.acts.filter((act) => act === 'POST /containers/create').length

beforeEach(async () => {
  engine = new FakeDocker()
  await engine.listen()
  engine.images.add(await imageRef('mosquitto', config))
  runtime = create()
})
afterEach(async () => {
  await runtime.close()
  await engine.close()
})

describe('a service', () => {
  it('is made with all it needs, configured and started, and then left alone', async () => {
    await start()
    await start()
    expect(engine.acts).toEqual([
      ...['POST /networks/create', 'POST /volumes/create', 'POST /volumes/create', 'POST /containers/create'],
      ...['PUT /containers/ID/archive', 'POST /containers/ID/start'],
    ])
    expect(container().conf).toContain('listener 1 all')
    expect(container().body.Labels).toMatchObject({ ...label, 'com.docker.compose.service': 'mosquitto' })
    expect((await runtime.inspect()).get('mosquitto')).toMatchObject({ state: 'running', exit: null })
  })

  it('that was only half made is configured before it starts', async () => {
    engine.startFaults.push({ status: 500, message: 'cut off' })
    await expect(start()).rejects.toThrow(/cut off/)
    container().conf = ''
    expect((await runtime.inspect()).get('mosquitto')?.state).toBe('absent')
    await start()
    expect(container().conf).toContain('listener')
    expect(container().status).toBe('running')
    expect(creations()).toBe(1)
  })

  it('whose definition has changed is made anew, unless it runs', async () => {
    await start()
    const { id } = container()
    await start(service(['-v']))
    expect(container().id).toBe(id)
    await runtime.stop(service(), never)
    await start(service(['-v']))
    expect(container().id).not.toBe(id)
    expect([...engine.containers.values()]).toHaveLength(1)
  })

  it('whose network was removed behind our back is made anew', async () => {
    await start()
    const { id } = container()
    await runtime.stop(service(), never)
    engine.networks.clear()
    engine.startFaults.push({ status: 404, message: 'network gone not found' })
    await start()
    expect(container()).toMatchObject({ status: 'running' })
    expect(container().id).not.toBe(id)
    expect(engine.networks.get('birds_default')).toMatchObject(label)
  })

  it('is stopped once, without being told as ended', async () => {
    const ends: Instance[] = []
    runtime.onExit((instance) => ends.push(instance))
    await start()
    await runtime.stop(service(), never)
    await runtime.stop(service(), never)
    expect(engine.acts.filter((act) => act.endsWith('/stop'))).toHaveLength(1)
    expect((await runtime.inspect()).get('mosquitto')?.exit).toMatchObject({ code: null, signal: 'SIGTERM' })
    await start()
    engine.end(container(), 3)
    await expect.poll(() => ends).toMatchObject([{ exit: { code: 3 } }])
  })

  it('keeps its data until it is purged, and is not purged while it runs', async () => {
    await start()
    await expect(runtime.purge('mosquitto')).rejects.toThrow(/stop it/)
    await runtime.stop(service(), never)
    // Druid's services hold the Coordinator's volume like this.
    engine.add('birds-druid-historical-1', {
      Labels: { ...label, 'com.docker.compose.service': 'druid-historical' },
      HostConfig: { Mounts: [{ Source: 'birds_mosquitto' }] },
    })
    expect([...engine.volumes.keys()].sort()).toEqual(['birds_mosquitto', 'birds_mosquitto-conf'])
    const other = engine.add('birds-kafka-1', { Labels: { ...label, 'com.docker.compose.service': 'kafka' } })
    await runtime.purge('mosquitto')
    await runtime.purge('mosquitto')
    expect([...engine.volumes.keys()]).toEqual([])
    expect([...engine.containers.values()]).toEqual([other])
    expect(engine.networks.size).toBe(1)
    await runtime.purge('kafka')
    expect(engine.networks.size).toBe(0)
  })
})

describe('an end that nobody asked for', () => {
  let ends: Instance[]
  beforeEach(async () => {
    ends = []
    runtime.onExit((instance) => ends.push(instance))
    await start()
    await runtime.inspect()
  })

  it('is told by its code, once', async () => {
    engine.end(container(), 7)
    await expect
      .poll(() => ends)
      .toMatchObject([{ service: 'mosquitto', state: 'exited', exit: { code: 7, signal: null } }])
    engine.cutEvents()
    await start()
    engine.end(container(), 8)
    await expect.poll(() => ends.map(({ exit }) => exit?.code)).toEqual([7, 8])
  })

  it('is told as what it was when memory ran out', async () => {
    engine.end(container(), 137, true)
    await expect.poll(() => ends).toMatchObject([{ exit: { code: null, signal: 'SIGKILL, out of memory' } }])
  })

  it('is told of a container that was removed', async () => {
    const { id } = container()
    const removed = container()
    engine.containers.delete(id)
    engine.end(removed, 137)
    await expect.poll(() => ends).toMatchObject([{ state: 'absent', exit: { signal: 'SIGKILL' } }])
  })

  it('is told when the engine comes back, also to a console that did not start it', async () => {
    await runtime.close()
    runtime = create()
    runtime.onExit((instance) => ends.push(instance))
    await runtime.inspect()
    engine.cutEvents()
    Object.assign(container(), { status: 'exited', code: 5 })
    await expect.poll(() => ends).toMatchObject([{ exit: { code: 5 } }])
  })
})

describe('what stands in the way is told with the way out', () => {
  it.each([
    [
      'a container',
      () => engine.add('birds-mosquitto-1', {}),
      /container named birds-mosquitto-1 that Aviary has not made/,
    ],
    [
      'a network',
      () => engine.networks.set('birds_default', {}),
      /network named birds_default that Aviary has not made/,
    ],
    [
      'a volume',
      () => engine.volumes.set('birds_mosquitto', {}),
      /volume named birds_mosquitto that Aviary has not made/,
    ],
  ])('%s of the same name that was made by hand', async (_, make, message) => {
    make()
    await expect(start()).rejects.toThrow(message)
    expect(engine.acts.filter((act) => act.startsWith('DELETE') || act.endsWith('/start'))).toEqual([])
  })

  it.each([
    'driver failed programming external connectivity: Bind for 127.0.0.1:1883 failed: port is already allocated',
    // Docker 28.5.
    'failed to set up container networking: driver failed programming external connectivity on endpoint x (f34): failed to bind host port for 127.0.0.1:1883:172.18.0.2:2883/tcp: address already in use',
  ])('a port that is taken: %s', async (message) => {
    engine.startFaults.push({ status: 500, message })
    await expect(start()).rejects.toMatchObject({ code: 'port-taken', message: expect.stringContaining('Port 1883') })
    await start()
    expect(container().status).toBe('running')
  })

  it('an image that is missing', async () => {
    engine.images.clear()
    await expect(start()).rejects.toMatchObject({
      code: 'image-missing',
      message: expect.stringContaining('aviary/mosquitto:'),
    })
  })

  it('an engine that is not there', async () => {
    await engine.close()
    await expect(start()).rejects.toMatchObject({ code: 'unreachable' })
    await expect(runtime.inspect()).rejects.toMatchObject({ code: 'unreachable' })
    await engine.listen()
  })
})

describe('what a service says and takes', () => {
  it('is read: the last lines, oldest first', async () => {
    await start()
    engine.say(container(), 'one\ntwo\nthree\n')
    const lines: string[] = []
    for await (const line of runtime.logs('mosquitto', { tail: 2, follow: false }, never)) lines.push(line)
    expect(lines).toEqual(['two', 'three'])
  })

  it('is followed from before its first start through all of its runs', async () => {
    const enough = new AbortController()
    const lines: string[] = []
    const following = (async () => {
      for await (const line of runtime.logs('mosquitto', { tail: 5, follow: true }, enough.signal)) lines.push(line)
    })()
    for (const text of ['first', 'second']) {
      await start()
      await expect
        .poll(() => {
          if (!lines.includes(text)) engine.say(container(), `${text}\n`)
          return lines
        })
        .toContain(text)
      await runtime.stop(service(), never)
    }
    enough.abort()
    await following
  })

  it('is measured while it runs', async () => {
    expect(await runtime.stats('mosquitto')).toBeNull()
    await start()
    await expect.poll(() => runtime.stats('mosquitto')).toEqual({ cpuPercent: 50, rssBytes: 7_000_000 })
    await runtime.stop(service(), never)
    expect(await runtime.stats('mosquitto')).toBeNull()
  })
})
