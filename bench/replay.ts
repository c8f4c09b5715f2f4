/** The replay beside `mosquitto_pub` and paho, its pacing, and its memory on a large file. */
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { ensureArtifact } from '#lib/artifacts/index.ts'
import { loadConfig } from '#lib/config.ts'
import { headers } from '#lib/pipeline/stages.ts'
import { generateTweets } from '#lib/sample/index.ts'
import { type Broker, startBroker } from './support/broker.ts'
import { type Figure, interleave, median, percentile, report } from './support/harness.ts'
import { writeMessages } from './support/messages.ts'
import { mosquittoPub, paho, pahoPython, requireMosquittoClients, startSubscriber } from './support/peers.ts'
import { startReplay } from './support/replays.ts'

const messages = 200_000
/** What mosquitto_pub gets at once. */
const part = 50_000
const rounds = 5
const pacedSeconds = 20

async function throughput(broker: Broker, lines: string): Promise<Record<string, Figure>> {
  const python = await pahoPython()
  const lesser = await writeMessages(broker.folder, part)
  const subscriber = await startSubscriber(broker)
  /** Messages a second, of a publisher that says how many seconds it took. */
  const rate = async (publish: () => Promise<number>) => {
    const before = subscriber.received()
    const seconds = await publish()
    await subscriber.all(before, messages)
    return messages / seconds
  }
  const rates = await interleave(rounds, {
    aviary: () =>
      rate(async () => {
        const replay = await startReplay(broker, { file: lines, schedule: { kind: 'max' } })
        await replay.finished
        return (performance.now() - replay.startedAt) / 1000
      }),
    mosquitto_pub: () => rate(() => mosquittoPub(broker, lesser, messages / part)),
    paho: () => rate(() => paho(broker, python, lines)),
  })
  subscriber.stop()
  const ratio = (peer: readonly number[]) => median(peer.map((r, i) => (rates.aviary[i] ?? Number.NaN) / r))
  return {
    'replay.rate': { value: median(rates.aviary), unit: 'msg/s', goal: null },
    'replay.vs-mosquitto_pub': { value: ratio(rates.mosquitto_pub), unit: 'x', goal: '>= 1' },
    'replay.vs-paho': { value: ratio(rates.paho), unit: 'x', goal: '>= 4' },
  }
}

interface Paced {
  /** Largest deviation of a whole second from the rate, percent. */
  readonly error: number
  /** p99 of how far from its time a message left, ms; the clock of the header is whole ms. */
  readonly scheduleError: number
}

/** What a subscriber sees of a paced run: when each message left, by its own header. */
async function paced(broker: Broker, file: string, perSecond: number): Promise<Paced> {
  const userProperties = '%P'
  const subscriber = await startSubscriber(broker, userProperties)
  const limit = perSecond * pacedSeconds
  const replay = await startReplay(broker, { file, limit, schedule: { kind: 'rate', perSecond } })
  await replay.finished
  await subscriber.all(0, limit)
  subscriber.stop()
  const header = (line: string, name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(line)?.[1])
  const sentAt: number[] = []
  for (const line of subscriber.lines()) sentAt[header(line, headers.seq)] = header(line, headers.sentAt)
  const offsets = sentAt.map((at, seq) => at - (seq * 1000) / perSecond)
  const start = Math.min(...offsets.slice(0, perSecond))
  const counts = new Map<number, number>()
  for (const at of sentAt)
    counts.set(Math.floor((at - start) / 1000), (counts.get(Math.floor((at - start) / 1000)) ?? 0) + 1)
  const whole = [...counts.entries()].filter(([second]) => second < pacedSeconds - 1).map(([, n]) => n)
  // When the schedule began is in no header; that most messages are in time tells it.
  const inTime = median(offsets)
  return {
    error: Math.max(...whole.map((n) => (Math.abs(n - perSecond) / perSecond) * 100)),
    scheduleError: percentile(
      offsets.map((o) => Math.abs(o - inTime)),
      99,
    ),
  }
}

async function largeFile(broker: Broker): Promise<Record<string, Figure>> {
  const { cacheDir } = loadConfig()
  const textDir = await ensureArtifact('tweets-text', { cacheDir })
  const file = join(broker.folder, 'large.json')
  await generateTweets({ users: 8_328, tweets: 200, outFile: file, seed: 1, textDir, padTo: 570 })
  const subscriber = await startSubscriber(broker)
  const replay = await startReplay(broker, { file, schedule: { kind: 'max' } })
  let peak = 0
  const watch = setInterval(
    () =>
      void replay.peakMb().then(
        (mb) => (peak = Math.max(peak, mb)),
        () => {},
      ),
    250,
  )
  await replay.finished
  clearInterval(watch)
  subscriber.stop()
  return { 'replay.rss-1gb-mb': { value: peak, unit: 'MB', goal: '<= 150' } }
}

/** From the start of the process to the first message at a subscriber. */
async function firstMessage(broker: Broker, file: string): Promise<number> {
  const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, { protocolVersion: 5 })
  await client.subscribeAsync('tweets', { qos: 0 })
  const arrived = new Promise<number>((done) => client.once('message', () => done(performance.now())))
  const replay = await startReplay(broker, { file, limit: 1, schedule: { kind: 'max' } })
  const ms = (await arrived) - replay.startedAt
  await replay.finished
  await client.endAsync()
  return ms
}

requireMosquittoClients()
const broker = await startBroker()
try {
  const lines = await writeMessages(broker.folder, messages)
  const figures = await throughput(broker, lines)
  const slow = await paced(broker, lines, 1_000)
  const fast = await paced(broker, lines, 10_000)
  const first = await interleave(rounds, { 'first message, ms': () => firstMessage(broker, lines) })
  report('replay', {
    rounds,
    figures: {
      ...figures,
      'replay.pace-error-1k-pct': { value: slow.error, unit: '%', goal: '<= 0.5' },
      'replay.pace-error-10k-pct': { value: fast.error, unit: '%', goal: '<= 0.5' },
      'replay.schedule-error-p99-ms': {
        value: Math.max(slow.scheduleError, fast.scheduleError),
        unit: 'ms',
        goal: '<= 2',
      },
      ...(await largeFile(broker)),
      'replay.first-message-ms': { value: median(first['first message, ms']), unit: 'ms', goal: '<= 200' },
    },
  })
} finally {
  await broker.stop()
}
