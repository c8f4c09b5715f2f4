/** The few packets of MQTT 5 that a replay needs (OASIS MQTT 5.0, chapters 2 and 3), as bytes. */
import type { MqttBroker } from '#lib/external.ts'

export const packetType = { connack: 2, puback: 4, pingresp: 13, disconnect: 14 } as const

/** Reason codes with a meaning of their own here (MQTT 5.0, section 2.4). */
export const reasonCode = { noMatchingSubscribers: 0x10, failure: 0x80, sessionTakenOver: 0x8e } as const

const reasons: Readonly<Record<number, string>> = {
  16: 'no matching subscribers',
  128: 'unspecified error',
  129: 'malformed packet',
  130: 'protocol error',
  131: 'implementation specific error',
  132: 'unsupported protocol version',
  133: 'client identifier not valid',
  134: 'bad user name or password',
  135: 'not authorized',
  136: 'server unavailable',
  137: 'server busy',
  138: 'banned',
  139: 'server shutting down',
  141: 'keep alive timeout',
  142: 'session taken over',
  144: 'topic name invalid',
  145: 'packet identifier in use',
  147: 'receive maximum exceeded',
  149: 'packet too large',
  150: 'message rate too high',
  151: 'quota exceeded',
  152: 'administrative action',
  153: 'payload format invalid',
  155: 'QoS not supported',
}

export const reasonText = (code: number): string =>
  `${reasons[code] ?? 'unknown reason'} (0x${code.toString(16).padStart(2, '0')})`

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

/** Clean start, no will. */
export function connectPacket(clientId: string, keepAliveSeconds: number, login: MqttBroker['login']): Buffer {
  const flags = login === null ? 0x02 : 0xc2
  const options = Buffer.from([5, flags, keepAliveSeconds >> 8, keepAliveSeconds & 0xff, 0])
  const credentials = login === null ? [] : [text(login.username), text(login.password)]
  const body = Buffer.concat([text('MQTT'), options, text(clientId), ...credentials])
  const head = Buffer.alloc(1 + variableBytes(body.length), 0x10)
  putLength(head, 1, body.length)
  return Buffer.concat([head, body])
}

export const pingPacket = Buffer.from([0xc0, 0])
export const disconnectPacket = Buffer.from([0xe0, 0])

const variableBytes = (value: number) => (value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4)

/** What a message carries; it writes itself where it belongs, so that nothing is copied twice. */
export interface Payload {
  /** Bytes that it takes at most. */
  readonly room: number
  /** Writes it to `target` from `at` on, and gives the offset after it. */
  write(target: Buffer, at: number): number
}

/** Bytes of the properties of a message beside the digits of its seq: room to reserve, not exact. */
const headRoom = 64

/** Writes PUBLISH packets at QoS 1 with the run's headers; one for a run, because most of a packet is the same. */
export class PublishEncoder {
  readonly #topic: Buffer
  /** User property `run-id`, complete, and the beginning of `seq`. */
  readonly #properties: Buffer
  readonly #sentAt: Buffer

  constructor(topic: string, runId: string, names: { readonly runId: string; seq: string; sentAt: string }) {
    const property = Buffer.from([0x26])
    this.#topic = text(topic)
    this.#properties = Buffer.concat([property, text(names.runId), text(runId), property, text(names.seq)])
    this.#sentAt = Buffer.concat([property, text(names.sentAt)])
  }

  /** Bytes that the packet takes at most. */
  room(payload: Payload): number {
    return this.#topic.length + this.#properties.length + this.#sentAt.length + headRoom + payload.room
  }

  /** Writes the packet to `target` from `at` on, which must have `room`, and gives the offset after it. */
  write(target: Buffer, at: number, packetId: number, seq: string, sentAt: string, payload: Payload): number {
    const propertyBytes = this.#properties.length + 2 + seq.length + this.#sentAt.length + 2 + sentAt.length
    // The length of the payload is known only when it is written, and nearly always takes two bytes with the rest.
    const body = at + 3
    let to = body + this.#topic.copy(target, body)
    target[to++] = packetId >> 8
    target[to++] = packetId & 0xff
    to = putLength(target, to, propertyBytes)
    to += this.#properties.copy(target, to)
    to = digits(target, to, seq)
    to += this.#sentAt.copy(target, to)
    to = digits(target, to, sentAt)
    return finish(target, at, body, payload.write(target, to))
  }
}

function digits(target: Buffer, at: number, value: string): number {
  target[at] = 0
  target[at + 1] = value.length
  for (let i = 0; i < value.length; i++) target[at + 2 + i] = value.charCodeAt(i)
  return at + 2 + value.length
}

/** A variable byte integer (MQTT 5.0, section 1.5.5). */
function putLength(target: Buffer, at: number, length: number): number {
  for (let rest = length; ; rest = rest >>> 7) {
    target[at++] = rest < 128 ? rest : (rest & 0x7f) | 0x80
    if (rest < 128) return at
  }
}

/** Puts type and length before the body, moving it where the length does not take two bytes. */
function finish(target: Buffer, at: number, body: number, end: number): number {
  const length = end - body
  const shift = variableBytes(length) - 2
  if (shift !== 0) target.copyWithin(body + shift, body, end)
  target[at] = 0x32
  putLength(target, at + 1, length)
  return end + shift
}
