/**
 * 10,000 requests, made by bending good ones and by chance, here and through the gate, and every call that dockerode has: none off the
 * list reaches the engine.
 */
import { request, type Server } from 'node:http'
import { dirname, join } from 'node:path'
import type Docker from 'dockerode'
import * as fc from 'fast-check'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDocker } from '../engine.ts'
import { createGate } from '../gate/index.ts'
import { type FakeEngine, startFakeEngine } from '../testing/fake-engine.ts'
import { scopeOf } from './scope.ts'
import { type Bent, bent, random } from './testing/bends.ts'
import { hostile } from './testing/hostile.ts'
import { faultOf, type World } from './testing/oracle.ts'
import { ids, project, things } from './testing/samples.ts'
import { swarmIds } from './testing/swarm-samples.ts'

const images = ['apache/kafka:4.3.1']
const world: World = {
  ...{ project, label: `com.docker.compose.project=${project}`, images, containers: [ids.own] },
  ...{ service: swarmIds.service, secret: swarmIds.secret, imageId: swarmIds.image },
  names: ['birds_default', 'birds_kafka', 'birds_kafka-1', 'birds_kafka-2', 'birds_swarm'],
  ...{ labelled: ['aviary/kafka:4.3.1-abc'], builds: true },
}

let engine: FakeEngine
let docker: Docker
let gate: Server
let gatePath: string
beforeAll(async () => {
  engine = await startFakeEngine(things)
  docker = openDocker(engine.address, scopeOf(project, images))
  gate = createGate({ ...engine, scope: scopeOf(project, images, false), log: pino({ enabled: false }) })
  gatePath = join(dirname(engine.address.socketPath), 'gate.sock')
  await new Promise<void>((done) => gate.listen(gatePath, done))
})
afterAll(async () => {
  gate.closeAllConnections()
  gate.close()
  await engine.close()
})

type Send = (bent: Bent) => Promise<'arrived' | 'refused'>

const send: Send = ({ method, url, body, archive }) => {
  const file = archive ? Buffer.from('tar') : undefined
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      { method, path: url, options: { _query: {}, _body: body }, file, statusCodes: { 200: true } },
      (error: Error | null) => {
        if (error === null) resolve('arrived')
        else if (error.name === 'GuardError') resolve('refused')
        else reject(error)
      },
    )
  })
}

/** Past all of our own code but the gate's. What Node itself does not put on a wire counts as refused. */
const sendToGate: Send = ({ method, url, body, archive }) =>
  new Promise((resolve, reject) => {
    const type = archive ? 'application/x-tar' : 'application/json'
    const text = archive ? 'tar' : body === undefined ? '' : JSON.stringify(body)
    const headers = { 'content-type': type, 'content-length': Buffer.byteLength(text) }
    try {
      const call = request({ socketPath: gatePath, method, path: url, headers, agent: false }, (response) => {
        response.resume()
        if (response.statusCode === 200) resolve('arrived')
        else if (response.statusCode === 403) resolve('refused')
        else reject(new Error(`${method} ${url}: ${response.statusCode}`))
      })
      call.on('error', reject).end(text)
    } catch (error) {
      if (error instanceof TypeError) resolve('refused')
      else reject(error)
    }
  })

const offences = (builds = true) =>
  engine.arrived.flatMap((arrival) => {
    const fault = faultOf(arrival, { ...world, builds })
    return fault === null ? [] : [`${fault}: ${arrival.method} ${arrival.url} ${arrival.body}`]
  })

describe('the guard', () => {
  it.each([
    ['lets no request through that an independent reading of the rules refuses', send, true],
    ['does so as a gate too, which lets nobody make images', sendToGate, false],
  ])(
    '%s',
    async (_, through, builds) => {
      const seen = { arrived: 0, refused: 0 }
      const batches = fc.array(fc.oneof({ weight: 4, arbitrary: bent }, { weight: 1, arbitrary: random }), {
        minLength: 100,
        maxLength: 100,
      })
      await fc.assert(
        fc.asyncProperty(batches, async (requests) => {
          engine.arrived.length = 0
          for (const result of await Promise.all(requests.map(through))) seen[result]++
          expect(offences(builds)).toEqual([])
        }),
        { numRuns: 100, endOnFailure: true },
      )
      expect(seen.arrived + seen.refused).toBe(10_000)
      // Neither a guard that refuses everything nor requests that tempt nobody would prove anything.
      expect(seen.arrived).toBeGreaterThan(1_000)
      expect(seen.refused).toBeGreaterThan(5_000)
    },
    300_000,
  )

  it('stands before every call of dockerode', async () => {
    engine.arrived.length = 0
    const handles = [
      docker,
      docker.getContainer(ids.foreign),
      docker.getContainer('x/../y'),
      docker.getImage('alpine'),
      docker.getImage('aviary/foreign:1'),
      docker.getImage('apache/kafka:4.3.1'),
      docker.getVolume('birds_foreign'),
      docker.getNetwork('birds_foreign'),
      docker.getExec('e'),
      docker.getService('s'),
      docker.getTask('t'),
      docker.getNode('n'),
      docker.getSecret('s'),
      docker.getConfig('c'),
      docker.getPlugin('p', 'p'),
    ]
    const calls = handles.flatMap((handle) => {
      const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(handle)) as (keyof typeof handle)[]
      return methods
        .filter(
          (name) =>
            !/^(get[A-Z]\w*|constructor|followProgress|run\w*|pull|push)$/.test(name) ||
            /^(getEvents|getArchive)$/.test(name),
        )
        .map((name) => ({ handle, name }))
    })
    for (const { handle, name } of calls) {
      const call = handle[name] as unknown as (...args: unknown[]) => unknown
      // What it says does not matter, only what has reached the engine; some want other arguments and throw.
      const done = () => {}
      // As many arguments as it wants: what it says to them does not matter, only what has reached the engine.
      const args = [[], [done], [{ ...hostile }], ['alpine', { ...hostile }, done]][Math.min(call.length, 3)] ?? []
      await Promise.race([new Promise((end) => setTimeout(end, 200)), (async () => call.apply(handle, args))()]).catch(
        done,
      )
    }
    const pulled = new Promise((end) => docker.pull('alpine:3', { ...hostile }, (error: unknown) => end(error)))
    expect(await pulled).toMatchObject({ name: 'GuardError' })
    await expect(docker.getImage('alpine').push({ ...hostile } as never, undefined as never)).rejects.toMatchObject({
      name: 'GuardError',
    })
    expect(calls.length).toBeGreaterThan(80)
    expect(offences()).toEqual([])
  }, 120_000)
})
