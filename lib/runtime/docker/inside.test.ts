/** The runtime of a console in a container: before it the gate, then an engine that is only there on the wire. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import type { Instance } from '../runtime.ts'
import { createGate } from './gate/index.ts'
import { scopeOf } from './guard/scope.ts'
import { imageRef } from './images/index.ts'
import { createDockerRuntime, type DockerRuntime } from './index.ts'
import { FakeDocker } from './testing/fake-docker.ts'
import { service } from './testing/sample-service.ts'

const config = { ...loadConfig({ NODE_ENV: 'test' }), inside: true }
const never = new AbortController().signal
const debian = 'debian:x'
const log = pino({ enabled: false })

let engine: FakeDocker
let gate: Server
let runtime: DockerRuntime

beforeEach(async () => {
  engine = new FakeDocker()
  await engine.listen()
  for (const id of ['base', 'mosquitto'] as const) engine.images.add(await imageRef(id, config))
  gate = createGate({ address: engine, scope: scopeOf('birds', [], false), log })
  const socketPath = join(dirname(engine.socketPath), 'gate.sock')
  await once(gate.listen(socketPath), 'listening')
  runtime = createDockerRuntime({ config, log, address: { socketPath }, project: 'birds', debian })
})
afterEach(async () => {
  await runtime.close()
  gate.closeAllConnections()
  gate.close()
  await engine.close()
})

it('starts, watches, reads and stops a service', async () => {
  const ended: Instance[] = []
  runtime.onExit((instance) => ended.push(instance))
  await runtime.start(service(), () => {}, never)
  const container = engine.named('birds-mosquitto-1')!
  expect(container.conf).toContain('listener 1 all')
  engine.say(container, '2026-01-01T00:00:00Z one\n')
  const reading = new AbortController()
  const lines = runtime.logs('mosquitto', { tail: 10, follow: true }, reading.signal)[Symbol.asyncIterator]()
  expect((await lines.next()).value).toContain('one')
  engine.say(container, '2026-01-01T00:00:01Z two\n')
  expect((await lines.next()).value).toContain('two')
  reading.abort()
  engine.end(container, 3)
  await vi.waitFor(() => expect(ended).toMatchObject([{ service: 'mosquitto', exit: { code: 3 } }]), 20_000)
  await runtime.start(service(), () => {}, never)
  await runtime.stop(service(), never)
  expect(container.status).toBe('exited')
})

it("leaves the console's own containers alone, and keeps the network that they are in", async () => {
  const labels = (name: string) => ({
    Labels: { 'com.docker.compose.project': 'birds', 'com.docker.compose.service': name },
  })
  for (const name of ['console', 'gate']) engine.add(`birds-${name}-1`, labels(name)).status = 'running'
  engine.networks.set('birds_default', { 'com.docker.compose.project': 'birds' })
  await runtime.start(service(), () => {}, never)
  expect([...(await runtime.inspect()).keys()]).toEqual(['mosquitto'])
  await runtime.stop(service(), never)
  await runtime.purge('mosquitto')
  expect([...engine.containers.values()].map(({ name }) => name)).toEqual(['birds-console-1', 'birds-gate-1'])
  expect(engine.networks.size).toBe(1)
})

it('builds no image: it says which are missing and where to build them', async () => {
  expect(await runtime.faults([service()])).toEqual([])
  engine.images.clear()
  const [fault, ...more] = await runtime.faults([service()])
  expect(more).toEqual([])
  expect(fault?.problem).toContain(await imageRef('mosquitto', config))
  expect(fault?.remedy).toMatch(/on the machine.*bin\/aviary images/)
  expect(await runtime.missingArtifacts([service()])).toEqual([])
})

it('is told by the gate which image it was not told of', async () => {
  await runtime.close()
  const { socketPath } = engine
  const images = { mosquitto: 'eclipse-mosquitto:2.0.22' }
  const address = { socketPath: join(dirname(socketPath), 'gate.sock') }
  runtime = createDockerRuntime({ config: { ...config, images }, log, address, project: 'birds', debian })
  await expect(runtime.prepare([service()], () => {}, never)).rejects.toMatchObject({
    ...{ code: 'denied', hint: expect.stringContaining('AVIARY_IMAGES') },
    message: expect.stringContaining('eclipse-mosquitto:2.0.22 is neither built by Aviary nor named'),
  })
})
