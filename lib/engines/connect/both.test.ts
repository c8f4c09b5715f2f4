/** Source and sink together, against Connect's REST interface at the wire. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { landingConnector, sourceConnector } from '#lib/pipeline/stages.ts'
import { type ConnectEngine, createConnect } from './index.ts'

const signal = new AbortController().signal
let server: Server
let engine: ConnectEngine
/** As Connect keeps them. */
let configs: Map<string, unknown>
/** State of connector and task of each connector that there is. */
let states: Record<string, readonly [connector: string, task: string]>
let restarted: string[]

const trace = 'org.apache.kafka.connect.errors.ConnectException: The landing folder /landing cannot be written'

const statusOf = (name: string, [connector, task]: readonly [string, string]) => ({
  name,
  connector: { state: connector, worker_id: 'w', version: '1' },
  tasks: [{ id: 0, state: task, worker_id: 'w', ...(task === 'FAILED' && { trace }) }],
  type: name === sourceConnector ? 'source' : 'sink',
})

function reply(method: string, url: string, body: string): { code: number; body: unknown } {
  const [, , name = '', verb = ''] = url.split(/[/?]/)
  if (url === '/connectors?expand=status')
    return {
      code: 200,
      body: Object.fromEntries(Object.entries(states).map(([n, state]) => [n, { status: statusOf(n, state) }])),
    }
  if (verb === 'restart') restarted.push(name)
  if (method === 'PUT') configs.set(name, { ...JSON.parse(body), name })
  const config = configs.get(name)
  return config === undefined && method === 'GET'
    ? { code: 404, body: { error_code: 404 } }
    : { code: 200, body: config }
}

const connectAt = (landingDir: string) =>
  createConnect({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mqtt: { host: 'mosquitto', port: 1883 },
    kafka: 'kafka:9092',
    landingDir,
  })

beforeEach(async () => {
  configs = new Map()
  states = { [sourceConnector]: ['RUNNING', 'RUNNING'], [landingConnector]: ['RUNNING', 'RUNNING'] }
  restarted = []
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const { code, body: answer } = reply(request.method ?? '', request.url ?? '', body)
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  engine = connectAt('/landing')
})
afterEach(async () => {
  await engine.close()
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
})

test('both are provisioned, once; another landing folder changes the sink alone', async () => {
  const actions = async (connect: ConnectEngine) => (await connect.provision(signal)).map((change) => change.action)
  expect(await actions(engine)).toEqual(['created', 'created'])
  expect(await actions(engine)).toEqual(['unchanged', 'unchanged'])
  expect(configs.get(landingConnector)).toMatchObject({
    topics: 'tweets',
    'tasks.max': '1',
    'landing.folder': '/landing',
    'consumer.override.isolation.level': 'read_committed',
    'consumer.override.auto.offset.reset': 'earliest',
  })
  const moved = connectAt('/elsewhere')
  expect(await actions(moved)).toEqual(['unchanged', 'updated'])
  await moved.close()
})

test('Connect is up when both run, and lists both with their kind', async () => {
  expect(await engine.probe(signal)).toMatchObject({ state: 'up', reason: null, held: false })
  expect(engine.connectors()?.map(({ name, type }) => [name, type])).toEqual([
    [sourceConnector, 'source'],
    [landingConnector, 'sink'],
  ])
})

test.each([
  ['RUNNING', 'FAILED', 'degraded', 'tweets-landing: Task 0 has failed'],
  ['FAILED', 'RUNNING', 'degraded', 'Connector tweets-landing has failed'],
  ['RUNNING', 'UNASSIGNED', 'starting', 'tweets-landing: Task 0 is unassigned.'],
  ['PAUSED', 'PAUSED', 'degraded', 'Connector tweets-landing is paused'],
] as const)('a sink %s with task %s makes it %s, by name', async (connector, task, state, reason) => {
  states[landingConnector] = [connector, task]
  const found = await engine.probe(signal)
  expect(found).toMatchObject({ state, held: connector === 'PAUSED' })
  expect(found.reason).toContain(reason)
})

test('a sink that does not exist yet leaves Connect degraded', async () => {
  delete states[landingConnector]
  expect(await engine.probe(signal)).toMatchObject({
    state: 'degraded',
    reason: 'The connector tweets-landing does not exist yet.',
  })
})

test('the source speaks first: without it nothing flows that could land', async () => {
  states = { [sourceConnector]: ['RUNNING', 'FAILED'], [landingConnector]: ['RUNNING', 'FAILED'] }
  expect((await engine.probe(signal)).reason).toMatch(/^tweets-source: Task 0 has failed/)
})

test('the watchdog restarts a failed sink and leaves the source alone', async () => {
  states[landingConnector] = ['RUNNING', 'FAILED']
  await engine.probe(signal)
  expect(await engine.heal(signal)).toEqual([landingConnector])
  expect(restarted).toEqual([landingConnector])
})
