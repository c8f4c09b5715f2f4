/** 200,000 messages through the source connector into Kafka, exactly once, with their publisher on the same machine. */
import { headerText, type Positions, type TopicBatch } from '#lib/engines/kafka/index.ts'
import { headers, topics } from '#lib/pipeline/stages.ts'
import { median, report } from './support/harness.ts'
import { createLab, type OpenStack } from './support/lab.ts'
import { writeMessages } from './support/messages.ts'
import { startReplay } from './support/replays.ts'

const messages = 200_000
const rounds = 5
const services = ['mosquitto', 'kafka', 'connect'] as const

interface Counted {
  readonly total: number
  readonly distinct: number
  /** From the first message's sending to the last one's time in Kafka. */
  readonly seconds: number
}

/** Reads what came into the topic, from `from` on, and counts the run. */
async function count({ engines }: OpenStack, runId: string, from: Positions): Promise<Counted> {
  const seen = new Set<string>()
  let total = 0
  let first = Number.POSITIVE_INFINITY
  let last = 0
  const onBatch = ({ topic, records }: TopicBatch) => {
    if (topic !== topics.tweets) return
    for (const record of records) {
      if (headerText(record, headers.runId) !== runId) continue
      total++
      seen.add(headerText(record, headers.seq) ?? '')
      first = Math.min(first, Number(headerText(record, headers.sentAt)))
      last = Math.max(last, Number(record.timestamp))
    }
  }
  const signal = AbortSignal.timeout(120_000)
  const tail = await engines.kafka.lookBack({ from, onBatch, signal })
  await tail.caughtUp(signal)
  await tail.close()
  return { total, distinct: seen.size, seconds: (last - first) / 1000 }
}

const lab = await createLab()
try {
  const file = await writeMessages(lab.folder, messages)
  const open = await lab.up(services)
  const { ports, host } = lab.config
  const line = { folder: lab.folder, port: ports.mosquitto, connect: `http://${host}:${ports.connect}` }
  const counts: Counted[] = []
  for (let round = 0; round <= rounds; round++) {
    const { positions } = await open.engines.kafka.positionsAt(Date.now(), AbortSignal.timeout(10_000))
    const replay = await startReplay(line, { file, schedule: { kind: 'max' } })
    await replay.finished
    const counted = await count(open, replay.id, positions)
    const rate = Math.round(counted.total / counted.seconds)
    // The worker's compiler needs one round to be warm.
    console.log(
      `  ${round === 0 ? 'warm-up' : `round ${round}/${rounds}`}  ${rate} msg/s, ${counted.total} of ${messages}`,
    )
    if (round > 0) counts.push(counted)
  }
  await open.close()
  const sum = (of: (c: Counted) => number) => counts.reduce((all, c) => all + of(c), 0)
  report('connector', {
    rounds,
    figures: {
      'connector.rate': { value: median(counts.map((c) => c.total / c.seconds)), unit: 'msg/s', goal: '>= 20000' },
      'connector.lost': { value: sum((c) => messages - c.distinct), unit: 'messages', goal: '== 0' },
      'connector.duplicates': { value: sum((c) => c.total - c.distinct), unit: 'messages', goal: '== 0' },
    },
  })
} finally {
  await lab.remove()
}
