/** Takes the broker's bytes apart: whole packets out of whatever pieces TCP delivers. */
import { packetType } from './packets.ts'

/** What the broker allows on this connection (MQTT 5.0, section 3.2.2.3). */
export interface Limits {
  /** QoS 1 messages that may be unacknowledged at once. */
  readonly receiveMaximum: number
  /** Bytes of one packet; null for no limit. */
  readonly maximumPacket: number | null
  readonly maximumQos: number
  /** Seconds, where the broker insists on its own. */
  readonly keepAlive: number | null
}

export interface Packets {
  connack(reason: number, limits: Limits): void
  puback(packetId: number, reason: number): void
  pong(): void
  disconnect(reason: number): void
}

/** Anything the broker sends to a client that only publishes is small; more means it speaks something else. */
const maxPacketBytes = 64 * 1024

export class PacketParser {
  readonly #packets: Packets
  #rest: Buffer | null = null

  constructor(packets: Packets) {
    this.#packets = packets
  }

  /** Throws where the bytes are not MQTT 5. */
  feed(chunk: Buffer): void {
    const bytes = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = null
    let at = 0
    while (at < bytes.length) {
      // Nearly everything is a PUBACK without a reason: four bytes.
      if (bytes[at] === 0x40 && bytes[at + 1] === 2 && at + 4 <= bytes.length) {
        this.#packets.puback(((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number), 0)
        at += 4
        continue
      }
      const header = readVariable(bytes, at + 1)
      if (header !== null && header.value > maxPacketBytes) throw new Error(`a packet of ${header.value} bytes`)
      if (header === null || header.next + header.value > bytes.length) {
        this.#rest = Buffer.from(bytes.subarray(at))
        return
      }
      const end = header.next + header.value
      this.#packet((bytes[at] as number) >> 4, bytes.subarray(header.next, end))
      at = end
    }
  }

  #packet(type: number, body: Buffer): void {
    if (type === packetType.puback) this.#packets.puback(body.readUInt16BE(0), body[2] ?? 0)
    else if (type === packetType.connack) this.#packets.connack(body.readUInt8(1), limits(body))
    else if (type === packetType.pingresp) this.#packets.pong()
    else if (type === packetType.disconnect) this.#packets.disconnect(body[0] ?? 0)
    else throw new Error(`packet type ${type}, which a publisher never gets`)
  }
}

function readVariable(bytes: Buffer, at: number): { value: number; next: number } | null {
  let value = 0
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) return null
    value += (byte & 0x7f) * 128 ** i
    if (byte < 0x80) return { value, next: at + i + 1 }
  }
  throw new Error('a packet length of more than four bytes')
}

/** Bytes that the value of a CONNACK property takes, by its identifier; 's' is a string, 'p' a pair of them. */
const sizes: Readonly<Record<number, number | 's' | 'p'>> = {
  17: 4,
  18: 's',
  19: 2,
  21: 's',
  22: 's',
  26: 's',
  28: 's',
  31: 's',
  33: 2,
  34: 2,
  36: 1,
  37: 1,
  38: 'p',
  39: 4,
  40: 1,
  41: 1,
  42: 1,
}

function limits(body: Buffer): Limits {
  const found = new Map<number, number>()
  const length = readVariable(body, 2)
  let at = length?.next ?? body.length
  const end = Math.min(at + (length?.value ?? 0), body.length)
  while (at < end) {
    const id = body.readUInt8(at++)
    const size = sizes[id]
    if (size === undefined) throw new Error(`CONNACK property 0x${id.toString(16)}`)
    if (typeof size === 'number') {
      found.set(id, body.readUIntBE(at, size))
      at += size
    } else for (let n = size === 'p' ? 2 : 1; n > 0; n--) at += 2 + body.readUInt16BE(at)
  }
  return {
    receiveMaximum: found.get(0x21) ?? 65_535,
    maximumPacket: found.get(0x27) ?? null,
    maximumQos: found.get(0x24) ?? 2,
    keepAlive: found.get(0x13) ?? null,
  }
}
