/** The runtime against a swarm that is only there on the wire; the guard stands between them as always. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Config, loadConfig } from '#lib/config.ts'
import type { ServiceDefinition } from '../../definition.ts'
import type { Instance } from '../../runtime.ts'
import { imageRef } from '../images/index.ts'
import { FakeDocker } from '../testing/fake-docker.ts'
import { FakeSwarm } from '../testing/fake-swarm.ts'
import { service as sample } from '../testing/sample-service.ts'
import { SwarmServices } from './runtime.ts'
import { ownHostMark } from './site.ts'

const never = new AbortController().signal
const nobody = () => {}

let home: string
let config: Config
let engine: FakeDocker
let swarm: FakeSwarm
let runtime: SwarmServices

const service = (changes: Partial<ServiceDefinition> = {}, dataDir = '/data/mosquitto'): ServiceDefinition => ({
  ...sample(),
  files: sample().files.map((file) => ({ ...file, values: { ...file.values, dataDir } })),
  ...changes,
})
const start = (definition = service()) => runtime.start(definition, nobody, never)
const held = () => swarm.named('birds_mosquitto')
const tasks = () => swarm.tasksOf(held() as NonNullable<ReturnType<typeof held>>)
const secretTexts = () => [...swarm.secrets.values()].map(({ Spec }) => Buffer.from(Spec.Data, 'base64').toString())
const door = () => engine.named('birds-mosquitto-door')

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'aviary-swarm-'))
  config = loadConfig({ NODE_ENV: 'test', AVIARY_HOME: home } as NodeJS.ProcessEnv)
  engine = new FakeDocker()
  await engine.listen()
  swarm = new FakeSwarm(engine)
  for (const image of ['mosquitto', 'door'] as const) engine.images.add(await imageRef(image, config))
  const address = { socketPath: engine.socketPath }
  runtime = new SwarmServices({ config, log: pino({ enabled: false }), address, project: 'birds', debian: 'debian:x' })
})
afterEach(async () => {
  await runtime.close()
  await engine.close()
  await rm(home, { recursive: true, force: true })
})

describe('an engine', () => {
  it.each([
    ['is in no swarm', { state: 'inactive' }, /docker swarm init --advertise-addr 127\.0\.0\.1/],
    ['is a worker', { manager: false }, /engine of a manager/],
  ])('that %s is told with what to do', async (_, changes, remedy) => {
    Object.assign(swarm, changes)
    expect(await runtime.faults([])).toMatchObject([{ subject: 'Docker Swarm', remedy: expect.stringMatching(remedy) }])
  })

  it('whose swarm has too few managers is told with what to do', async () => {
    await start()
    swarm.leader = false
    expect(await runtime.faults([])).toMatchObject([{ remedy: expect.stringContaining('Start the managers') }])
    await expect(start(service({}, '/data/elsewhere'))).rejects.toThrow(/no leader/)
  })

  it('that manages a swarm will do', async () => {
    expect(await runtime.faults([])).toEqual([])
  })
})

describe('a service', () => {
  it('is made with network, volume, door and secret, and then left alone', async () => {
    await start()
    await start()
    expect(engine.acts.filter((act) => act.includes('/services'))).toEqual(['POST /services/create'])
    expect(engine.networks.get('birds_swarm')).toMatchObject({ 'com.docker.compose.project': 'birds' })
    expect([...engine.volumes.keys()]).toEqual(['birds_mosquitto'])
    expect(secretTexts()).toEqual([expect.stringContaining('listener 1 all')])
    expect(JSON.stringify(held()?.Spec)).not.toContain('listener 1 all')
    expect((await runtime.inspect()).get('mosquitto')).toMatchObject({ state: 'running', exit: null })
    expect(await runtime.stats('mosquitto')).toMatchObject({ replicas: { wanted: 1, running: 1 } })
  })

  it('opens its ports on loopback alone, and closes them with it', async () => {
    await start()
    expect(door()?.body.HostConfig).toMatchObject({
      PortBindings: { '1883/tcp': [{ HostIp: '127.0.0.1', HostPort: '1883' }] },
    })
    expect(held()?.Spec.EndpointSpec).toEqual({ Mode: 'dnsrr' })
    await runtime.stop(service(), never)
    expect(door()).toBeUndefined()
  })

  it('whose port is taken is not made', async () => {
    engine.startFaults.push({ status: 500, message: 'Bind for 127.0.0.1:1883 failed: port is already allocated' })
    await expect(start()).rejects.toMatchObject({ code: 'port-taken' })
    expect([held(), door()]).toEqual([undefined, undefined])
  })

  it('that no task can run for is told by its reason', async () => {
    swarm.rejects = 'No such image: aviary/mosquitto'
    await expect(start()).rejects.toThrow(/No task of mosquitto can run: No such image/)
  })

  it('whose node takes no task is waited for, and that is told: what has ended is the task before', async () => {
    await start()
    const [before] = tasks()
    if (before === undefined) throw new Error('no task')
    swarm.full = 'no suitable node (1 node not available for new tasks)'
    engine.end(before, 0)
    const steps: string[] = []
    const starting = runtime.start(service(), ({ step }) => steps.push(step), never)
    await expect.poll(() => steps).toContainEqual(expect.stringMatching(/its node, .*no suitable node/))
    swarm.place()
    await starting
    expect((await runtime.inspect()).get('mosquitto')).toMatchObject({ state: 'running' })
  })

  it('is not begun anew by way of another node, where its data is not', async () => {
    await start()
    const stopped = async () => runtime.stop(service(), never)
    const home = swarm.node
    for (const leave of [async () => {}, stopped]) {
      await leave()
      swarm.node = 'n'.repeat(25)
      const acts = engine.acts.length
      expect(await runtime.faults([])).toMatchObject([{ problem: expect.stringContaining(home) }])
      for (const act of [start(), runtime.update(service(), nobody, never)])
        await expect(act).rejects.toThrow(/is on the node .* DOCKER_HOST/)
      expect(engine.acts.slice(acts)).toEqual([])
      swarm.node = home
    }
    await start()
  })

  it('is gone when it is stopped, with its secret but not its data, which a purge deletes', async () => {
    await start()
    await expect(runtime.purge('mosquitto')).rejects.toThrow(/stop it/)
    await runtime.stop(service(), never)
    await runtime.stop(service(), never)
    expect([swarm.services.size, swarm.secrets.size, engine.containers.size]).toEqual([0, 0, 0])
    expect([...engine.volumes.keys()]).toEqual(['birds_mosquitto'])
    await runtime.purge('mosquitto')
    expect([engine.volumes.size, engine.networks.size]).toEqual([0, 0])
  })

  it('whose definition has changed goes on as it is, until it is replaced, and its old secret goes', async () => {
    await start()
    const changed = service({}, '/data/elsewhere')
    await start(changed)
    expect(secretTexts()).toEqual([expect.not.stringContaining('elsewhere')])
    const [before] = tasks()
    const ends: Instance[] = []
    runtime.onExit((instance) => ends.push(instance))
    await runtime.update(changed, nobody, never)
    expect(tasks()[0]?.id).not.toBe(before?.id)
    expect(secretTexts()).toEqual([expect.stringContaining('elsewhere')])
    await runtime.update(changed, nobody, never)
    expect(held()?.Spec.TaskTemplate.ForceUpdate).toBe(2)
    expect(ends).toEqual([])
  })

  it('that Swarm cannot replace is told in its words', async () => {
    await start()
    swarm.updateEnds = 'paused'
    await expect(runtime.update(service(), nobody, never)).rejects.toThrow(/update paused due to failure/)
  })
})

describe('replicas', () => {
  const replicable = service({ replicable: true }, ownHostMark)

  it('have names and volumes of their own, and a configuration that knows which it is', async () => {
    await start(replicable)
    await runtime.scale(replicable, 3)
    expect(tasks()).toHaveLength(3)
    const { Hostname, Mounts } = held()?.Spec.TaskTemplate.ContainerSpec ?? {}
    expect(Hostname).toBe('mosquitto-{{.Task.Slot}}')
    expect(Mounts).toContainEqual(expect.objectContaining({ Source: 'birds_mosquitto-{{.Task.Slot}}' }))
    expect([...engine.volumes.keys()]).toEqual([1, 2, 3].map((n) => `birds_mosquitto-${n}`))
    expect(secretTexts()).toEqual([expect.stringContaining('$' + '{HOSTNAME}')])
  })

  it('are as many again after a stop', async () => {
    await start(replicable)
    await runtime.scale(replicable, 2)
    await runtime.stop(replicable, never)
    await start(replicable)
    expect(await runtime.stats('mosquitto')).toMatchObject({ replicas: { wanted: 2, running: 2 } })
  })

  it('are not the service: only the end of the last is told', async () => {
    const ends: Instance[] = []
    runtime.onExit((instance) => ends.push(instance))
    await start(replicable)
    await runtime.scale(replicable, 2)
    const [first, second] = tasks()
    if (first === undefined || second === undefined) throw new Error('no tasks')
    engine.end(first, 1)
    expect(await runtime.stats('mosquitto')).toMatchObject({ replicas: { wanted: 2, running: 1 } })
    expect(ends).toEqual([])
    engine.end(second, 2)
    await expect.poll(() => ends).toMatchObject([{ service: 'mosquitto', exit: { code: 2 } }])
  })

  it('are read as one log, with the tasks before them', async () => {
    await start(replicable)
    await runtime.scale(replicable, 2)
    const [first, second] = tasks()
    if (first === undefined || second === undefined) throw new Error('no tasks')
    engine.say(first, 'one\n')
    engine.end(first, 1)
    engine.say(second, 'two\n')
    const read = async (tail: number) => Array.fromAsync(runtime.logs('mosquitto', { tail, follow: false }, never))
    expect((await read(5)).sort()).toEqual(['one', 'two'])
    expect(await read(1)).toHaveLength(1)
    expect(await read(0)).toEqual([])
    const enough = new AbortController()
    const lines: string[] = []
    const following = (async () => {
      for await (const line of runtime.logs('mosquitto', { tail: 5, follow: true }, enough.signal)) lines.push(line)
    })()
    await expect.poll(() => [...lines].sort()).toEqual(['one', 'two'])
    await runtime.scale(replicable, 3)
    await expect.poll(() => tasks().length).toBe(3)
    engine.say(second, 'three\n')
    for (const task of tasks().slice(2)) engine.say(task, 'four\n')
    await expect.poll(() => [...lines].sort()).toEqual(['four', 'one', 'three', 'two'])
    enough.abort()
    await following
  })
})
