/** A replay through a real Mosquitto, seen by a subscriber that knows nothing of this folder (MQTT.js). */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { ensureArtifact, mosquittoCommand } from '#lib/artifacts/index.ts'
import { loadConfig } from '#lib/config.ts'
import { RunOptions } from '#lib/pipeline/run.ts'
import { topics } from '#lib/pipeline/stages.ts'
import { siteOf } from '#lib/stack/choice.ts'
import { Replays } from './index.ts'

interface Seen {
  readonly seq: number
  readonly runId: string
  readonly userId: string
  readonly tweet: string
}

let home: string
let port: number
let broker: ChildProcess
let subscriber: MqttClient
let replays: Replays
let seen: Seen[] = []

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const gone = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve))

function startBroker(command: string, env: Record<string, string>): ChildProcess {
  const conf = join(home, 'mosquitto.conf')
  writeFileSync(
    conf,
    `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 500\nmax_queued_messages 0\n`,
  )
  return spawn(command, ['-c', conf], { env: { ...process.env, ...env }, stdio: 'ignore' })
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'aviary-replay-'))
  port = await freePort()
  const config = loadConfig({ ...process.env, AVIARY_HOME: home, AVIARY_PORT_MOSQUITTO: String(port) })
  const { command, env } = mosquittoCommand(await ensureArtifact('mosquitto', { cacheDir: config.cacheDir }))
  broker = startBroker(command, env)
  subscriber = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
    protocolVersion: 5,
    reconnectPeriod: 50,
    clean: false,
    clientId: 'seen',
  })
  subscriber.on('message', (_, payload, packet) => {
    const headers = packet.properties?.userProperties as Record<string, string>
    const userId = /^\{"user_id": (\d+),/.exec(payload.toString())?.[1] ?? ''
    seen.push({
      seq: Number(headers.seq),
      runId: headers['run-id'] ?? '',
      userId,
      tweet: JSON.parse(payload.toString()).tweet,
    })
  })
  await new Promise<void>((resolve) => subscriber.once('connect', () => resolve()))
  await subscriber.subscribeAsync(topics.tweets, { qos: 1 })
  const repository = { save: async () => {}, list: async () => [] }
  const log = pino({ level: 'silent' })
  const { reach } = siteOf(config)
  replays = new Replays({ config, reach, repository, log, tuning: { checkpoint: 'puback', maxUnconfirmed: 20_000 } })
})

afterAll(async () => {
  replays?.close()
  await subscriber?.endAsync(true)
  const ended = gone(broker)
  broker.kill('SIGTERM')
  await ended
  rmSync(home, { recursive: true })
})

it('delivers every tweet of a file in order, ids and texts exact', async () => {
  const id = '1212121212121212129'
  const texts = Array.from({ length: 20_000 }, (_, i) => `tweet ${i} "é" \\ \n 😀`)
  const file = join(home, 'tweets.json')
  writeFileSync(file, `[{"tweets":${JSON.stringify(texts, null, 1)},"id":${id}}]`)
  const run = await replays.start(RunOptions.parse({ file, schedule: { kind: 'max' } }))
  await vi.waitUntil(() => replays.get(run.id)?.progress.state === 'finished', { timeout: 60_000, interval: 50 })
  await vi.waitUntil(() => seen.length >= texts.length, { timeout: 60_000, interval: 50 })
  expect(seen.map((m) => m.seq)).toEqual(texts.map((_, i) => i))
  expect(seen.map((m) => m.tweet)).toEqual(texts)
  expect(new Set(seen.map((m) => `${m.runId} ${m.userId}`))).toEqual(new Set([`${run.id} ${id}`]))
  seen = []
})

it('waits for somebody to be subscribed', async () => {
  const file = join(home, 'few.json')
  writeFileSync(file, '[{"tweets":["a","b","c"],"id":1}]')
  await subscriber.unsubscribeAsync(topics.tweets)
  const run = await replays.start(RunOptions.parse({ file, schedule: { kind: 'max' } }))
  await vi.waitUntil(() => replays.get(run.id)?.progress.reason?.includes('not subscribed'), {
    timeout: 60_000,
    interval: 50,
  })
  await subscriber.subscribeAsync(topics.tweets, { qos: 1 })
  await vi.waitUntil(() => replays.get(run.id)?.progress.state === 'finished', { timeout: 60_000, interval: 50 })
  await vi.waitUntil(() => seen.length === 3, { timeout: 60_000, interval: 50 })
  expect(seen.map((m) => m.tweet)).toEqual(['a', 'b', 'c'])
})
