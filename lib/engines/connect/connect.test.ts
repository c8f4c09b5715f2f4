import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { redact, sourceConfig, workerGroup } from './desired.ts'
import { Healer } from './healer.ts'
import { Connectors } from './schemas.ts'
import { cause, reports } from './states.ts'

const trace = [
  'org.apache.kafka.connect.errors.ConnectException: Unrecoverable exception',
  '\tat org.apache.kafka.connect.runtime.WorkerTask.run(WorkerTask.java:1)',
  'Caused by: java.net.ConnectException: Connection refused',
  '\tat java.base/sun.nio.ch.Net.pollConnect(Native Method)',
  '\t... 12 more',
].join('\n')

/** As Connect 4.3 answers `GET /connectors?expand=status`. */
const reply = (connector: string, task: string | null) =>
  reports(
    Connectors.parse({
      'tweets-source': {
        status: {
          name: 'tweets-source',
          connector: { state: connector, worker_id: '127.0.0.1:8083', version: '1' },
          tasks: task === null ? [] : [{ id: 0, state: task, worker_id: 'w', ...(task === 'FAILED' && { trace }) }],
          type: 'source',
        },
      },
    }),
  )

test.each([
  ['RUNNING', 'RUNNING', 'up'],
  ['RUNNING', 'FAILED', 'down'],
  ['RUNNING', 'UNASSIGNED', 'starting'],
  ['RUNNING', null, 'starting'],
  ['UNASSIGNED', 'RUNNING', 'starting'],
  ['PAUSED', 'PAUSED', 'degraded'],
  ['STOPPED', null, 'degraded'],
  ['FAILED', 'RUNNING', 'down'],
] as const)('connector %s with task %s is %s', (connector, task, state) => {
  const [report] = reply(connector, task)
  expect(report?.finding.state).toBe(state)
  expect(report?.finding.reason === null).toBe(state === 'up')
})

test('the reason of a failed task is the innermost cause, and its trace is kept whole', () => {
  const [report] = reply('RUNNING', 'FAILED')
  expect(report?.finding.reason).toContain('java.net.ConnectException: Connection refused')
  expect(report?.tasks[0]?.trace).toBe(trace)
  expect(cause(null)).toBe('no trace was given')
})

test('a failed task is restarted at once, then ever later, and at once again after it has run for long', async () => {
  const healer = new Healer()
  const restarts: number[] = []
  const look = (task: string, now: number) =>
    healer.heal(reply('RUNNING', task), async () => void restarts.push(now), now)
  for (let now = 0; now <= 60_000; now += 1_000) await look('FAILED', now)
  expect(restarts).toEqual([0, 5_000, 15_000, 35_000])
  await look('RUNNING', 61_000)
  await look('RUNNING', 130_000)
  await look('FAILED', 131_000)
  expect(restarts.at(-1)).toBe(131_000)
})

test('a restart that fails counts as an attempt, and a paused connector is left alone', async () => {
  const healer = new Healer()
  const fail = () => Promise.reject(new Error('409'))
  await expect(healer.heal(reply('RUNNING', 'FAILED'), fail, 0)).rejects.toThrow('409')
  expect(await healer.heal(reply('RUNNING', 'FAILED'), async () => {}, 1_000)).toEqual([])
  expect(await new Healer().heal(reply('PAUSED', 'FAILED'), async () => {}, 0)).toEqual([])
})

test('secrets of a configuration are not shown', () => {
  const shown = redact({
    'mqtt.host': 'localhost',
    'mqtt.password': 'x',
    'producer.override.sasl.jaas.config': 'x',
    'some.url': 'https://user:x@host/',
    'key.converter': 'StringConverter',
  })
  expect(Object.values(shown)).not.toContain('x')
  expect(shown).toMatchObject({ 'mqtt.host': 'localhost', 'some.url': '(hidden)', 'key.converter': 'StringConverter' })
})

test('the source reaches a broker elsewhere without a secret in its configuration', () => {
  const mqtt = { host: 'm', port: 8883, tls: { ca: 'PEM' }, login: { username: 'u', password: 's3cret' } }
  const config = sourceConfig({ mqtt, kafka: 'k:9093', kafkaClient: { 'security.protocol': 'SSL' } })
  expect(config).toMatchObject({
    ...{ 'mqtt.tls': 'true', 'mqtt.tls.ca': 'mqtt-ca.pem', 'mqtt.username': 'u' },
    'kafka.client.security.protocol': 'SSL',
  })
  expect(JSON.stringify(config)).not.toContain('s3cret')
})

test('the source is exactly once, by one task', async () => {
  expect(sourceConfig({ mqtt: { host: 'mosquitto', port: 1883 }, kafka: 'kafka:9092' })).toMatchObject({
    'exactly.once.support': 'required',
    'transaction.boundary': 'poll',
    'tasks.max': '1',
    'mqtt.port': '1883',
    'kafka.bootstrap.servers': 'kafka:9092',
    'kafka.transactional.id': 'aviary-connect-tweets-source-0',
  })
  const worker = await readFile(join(import.meta.dirname, '../../../docker/connect/conf/worker.properties'), 'utf8')
  expect(worker).toContain(`\ngroup.id=${workerGroup}\n`)
})
