import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { headers } from '#lib/pipeline/stages.ts'
import { Publisher } from './publisher.ts'
import { textPayload, WireBroker } from './wire-broker.ts'

let broker: WireBroker
let publisher: Publisher | null = null
let troubles: (string | null)[] = []
let fatal: string | null = null

beforeEach(async () => {
  broker = await WireBroker.listen()
  troubles = []
  fatal = null
})
afterEach(async () => {
  await publisher?.close()
  publisher = null
  await broker.close()
})

/** Polls; the time is only a bound for a machine that is busy. */
const until = (holds: () => boolean) => vi.waitUntil(holds, { timeout: 15_000, interval: 5 })

interface Options {
  count: number
  maxUnconfirmed?: number
  committed?: number
  sentBefore?: number
  payload?: (seq: number) => string
}

/** Publishes `count` messages as room allows. */
function publish({ count, maxUnconfirmed = 20_000, committed = -1, sentBefore = 0, payload }: Options): Publisher {
  const made: Publisher = new Publisher(
    {
      host: '127.0.0.1',
      port: broker.port,
      topic: 'tweets',
      runId: 'r',
      headers,
      maxUnconfirmed,
      committed,
      sentBefore,
    },
    {
      progress: () => {
        for (let room = made.room; room > 0 && made.outbox.next < count; room--)
          made.add(textPayload(payload?.(made.outbox.next) ?? `m${made.outbox.next}`), '17')
        made.flush()
      },
      trouble: (reason) => troubles.push(reason),
      replaced: () => troubles.push('replaced'),
      fatal: (reason) => {
        fatal = reason
      },
    },
  )
  publisher = made
  made.connect()
  return made
}

const seqs = (connection?: number) =>
  broker.received
    .filter((m) => connection === undefined || m.connection === connection)
    .map((m) => Number(m.properties.seq))
const upTo = (count: number, from = 0) => Array.from({ length: count - from }, (_, i) => from + i)

describe('what is sent', () => {
  it('carries topic, headers and payload, byte by byte', async () => {
    const made = publish({ count: 1, payload: () => '{"tweet": "é😀"}' })
    await until(() => made.outbox.acked === 1)
    expect(broker.received).toEqual([
      {
        topic: 'tweets',
        packetId: 1,
        properties: { 'run-id': 'r', seq: '0', 'sent-at': '17' },
        payload: '{"tweet": "é😀"}',
        connection: 1,
      },
    ])
  })
})

describe('the window', () => {
  it('stays under the receive maximum of the broker', async () => {
    broker.limit(7)
    broker.answer = (m) => (m.properties.seq === '0' ? 0 : null)
    const made = publish({ count: 100 })
    await until(() => broker.received.length === 8)
    expect(made.room).toBe(0)
    broker.answer = () => null
    while (made.outbox.acked < 100) {
      broker.release()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(broker.mostUnanswered).toBe(7)
    expect(seqs()).toEqual(upTo(100))
  })

  it('is one until the broker has taken a message', async () => {
    broker.answer = () => null
    const made = publish({ count: 50 })
    await until(() => broker.received.length === 1)
    expect(made.room).toBe(0)
    broker.release()
    await until(() => broker.received.length === 50)
    expect(broker.received.length).toBe(50)
  })

  it('stops at the bound of unconfirmed messages until the checkpoint moves', async () => {
    const made = publish({ count: 100, maxUnconfirmed: 10 })
    await until(() => made.outbox.acked === 10)
    expect([made.outbox.full, made.room]).toEqual([true, 0])
    made.outbox.commit(4)
    expect(made.outbox.unconfirmed).toBe(5)
    made.flush()
    expect(made.room).toBeGreaterThan(0)
  })

  it('survives packet ids going round', async () => {
    const made = publish({ count: 70_000, maxUnconfirmed: 1_000, committed: 64_999 })
    const follow = setInterval(() => made.outbox.commit(made.outbox.ackedThrough), 1)
    await until(() => {
      made.flush()
      return made.outbox.acked === 70_000
    })
    clearInterval(follow)
    expect(seqs()).toEqual(upTo(70_000, 65_000))
  })
})

describe('refusals', () => {
  it('counts reason codes of 0x80 and above, and sends the message again', async () => {
    let refusals = 2
    broker.answer = (m) => (m.properties.seq === '3' && refusals-- > 0 ? 0x97 : 0)
    const made = publish({ count: 5 })
    await until(() => made.outbox.acked === 5)
    expect([made.refused, made.outbox.resent]).toEqual([2, 2])
    expect(seqs().filter((seq) => seq === 3)).toHaveLength(3)
    expect(troubles).toContain('The broker refused message 3: quota exceeded (0x97). It is tried again.')
    expect(troubles.at(-1)).toBeNull()
  })

  it('takes "no matching subscribers" for no delivery: one message at a time until somebody is there', async () => {
    let subscribed = false
    broker.answer = () => (subscribed ? 0 : 0x10)
    const made = publish({ count: 50 })
    await until(() => broker.received.length === 3)
    expect(seqs()).toEqual([0, 0, 0])
    expect([made.outbox.acked, made.refused]).toEqual([0, 0])
    subscribed = true
    await until(() => made.outbox.acked === 50)
    expect(seqs().slice(-50)).toEqual(upTo(50))
  })

  it('does not send what was acknowledged again after a refusal', async () => {
    let refusals = 1
    broker.answer = (m) => (m.properties.seq === '2' && refusals-- > 0 ? 0x80 : 0)
    const made = publish({ count: 10 })
    await until(() => made.outbox.acked === 10)
    expect(seqs().toSorted((a, b) => a - b)).toEqual([0, 1, 2, ...upTo(10, 2)])
  })
})

describe('broken connections', () => {
  it('goes back to the checkpoint with the same bytes after a cut', async () => {
    broker.answer = (m) => (Number(m.properties.seq) < 6 ? 0 : null)
    const made = publish({ count: 10 })
    await until(() => broker.received.length === 10 && made.outbox.acked === 6)
    made.outbox.commit(3)
    const before = broker.received.slice()
    broker.answer = () => 0
    broker.cut()
    await until(() => made.outbox.acked === 10)
    expect(seqs(2)).toEqual(upTo(10, 4))
    for (const again of broker.received.filter((m) => m.connection === 2)) {
      const { connection: _, ...same } = before[Number(again.properties.seq)]!
      expect(again).toMatchObject(same)
    }
    expect(made.outbox.resent).toBe(6)
  })

  it('says why it is not connected, and tries again', async () => {
    broker.connack = Buffer.from([0x20, 3, 0, 0x87, 0])
    const made = publish({ count: 1 })
    await until(() => broker.connections === 2)
    expect(troubles[0]).toContain('the broker refused the connection: not authorized (0x87)')
    broker.connack = Buffer.from([0x20, 3, 0, 0, 0])
    await until(() => made.outbox.acked === 1)
  })

  it('gives way to another process of the same run', async () => {
    publish({ count: 1 })
    await until(() => broker.received.length === 1)
    broker.send(Buffer.from([0xe0, 1, 0x8e]))
    await until(() => troubles.includes('replaced'))
    expect(broker.connections).toBe(1)
  })

  it('tells a broker of another protocol', async () => {
    broker.connack = Buffer.from([0x50, 0])
    publish({ count: 1 })
    await until(() => troubles.some((t) => t?.includes('does not speak MQTT 5')))
  })

  it('refuses a message that the broker will never take', async () => {
    broker.limit(10, 60)
    publish({ count: 1, payload: () => 'x'.repeat(100) })
    await until(() => fatal !== null)
    expect(fatal).toContain('the broker allows 60 a packet')
  })
})

describe('rewinding', () => {
  it('sends everything after the checkpoint again, acknowledged or not, before anything new', async () => {
    const made = publish({ count: 10 })
    await until(() => made.outbox.acked === 10)
    made.outbox.commit(6)
    broker.received.length = 0
    expect(made.rewind()).toBe(true)
    await until(() => broker.received.length === 3 && made.outbox.inFlight === 0)
    expect(seqs()).toEqual([7, 8, 9])
    expect([made.outbox.acked, made.outbox.resent, made.outbox.ackedThrough]).toEqual([10, 3, 9])
  })

  it('keeps what is in flight until its PUBACK, though it is committed', async () => {
    broker.answer = (m) => (m.properties.seq === '0' ? 0 : null)
    const made = publish({ count: 3 })
    await until(() => broker.received.length === 3)
    made.outbox.commit(2)
    expect([made.outbox.low, made.outbox.inFlight, made.rewind()]).toEqual([1, 2, false])
    broker.release()
    await until(() => made.outbox.inFlight === 0)
    expect([made.outbox.low, made.outbox.acked]).toEqual([3, 3])
  })

  it('counts what an earlier process had sent as sent again', async () => {
    const made = publish({ count: 20, committed: 9, sentBefore: 15 })
    await until(() => made.outbox.acked === 20)
    expect(seqs()).toEqual(upTo(20, 10))
    expect(made.outbox.resent).toBe(5)
  })
})
