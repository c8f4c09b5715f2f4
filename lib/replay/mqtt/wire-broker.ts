/** For tests: a TCP server that speaks just enough MQTT 5 bytes to be published to, and misbehaves on demand. */

import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import type { Payload } from './packets.ts'

export interface Received {
  readonly topic: string
  readonly packetId: number
  readonly properties: Readonly<Record<string, string>>
  readonly payload: string
  /** Counts the connections from 1. */
  readonly connection: number
}

export class WireBroker {
  readonly received: Received[] = []
  /** Packet types of everything that came. */
  readonly types: number[] = []
  connections = 0
  /** Most messages that ever waited for their PUBACK at once. */
  mostUnanswered = 0
  /** Reason code of the PUBACK; null for none. */
  answer: (message: Received) => number | null = () => 0
  connack: Buffer = Buffer.from([0x20, 3, 0, 0, 0])
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #unanswered: { socket: Socket; message: Received }[] = []

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket))
  }

  static async listen(): Promise<WireBroker> {
    const broker = new WireBroker()
    await new Promise<void>((resolve) => broker.#server.listen(0, '127.0.0.1', resolve))
    return broker
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** CONNACK with the given receive maximum and, where given, largest packet. */
  limit(receiveMaximum: number, maximumPacket?: number): void {
    const properties = Buffer.alloc(maximumPacket === undefined ? 3 : 8)
    properties.writeUInt8(0x21, 0)
    properties.writeUInt16BE(receiveMaximum, 1)
    if (maximumPacket !== undefined) {
      properties.writeUInt8(0x27, 3)
      properties.writeUInt32BE(maximumPacket, 4)
    }
    this.connack = Buffer.concat([Buffer.from([0x20, 3 + properties.length, 0, 0, properties.length]), properties])
  }

  /** Answers what was left unanswered, in order. */
  release(reason = 0): void {
    for (const { socket, message } of this.#unanswered.splice(0)) puback(socket, message.packetId, reason)
  }

  /** Cuts every connection without a word. */
  cut(): void {
    this.#unanswered = []
    for (const socket of this.#sockets) socket.destroy()
  }

  send(bytes: Buffer): void {
    for (const socket of this.#sockets) socket.write(bytes)
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #serve(socket: Socket): void {
    const connection = ++this.connections
    let rest = Buffer.alloc(0)
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk])
      for (let packet = cut(rest); packet !== null; packet = cut(rest)) {
        rest = rest.subarray(packet.length)
        this.#take(socket, connection, packet)
      }
    })
  }

  #take(socket: Socket, connection: number, packet: Buffer): void {
    const type = packet.readUInt8(0) >> 4
    this.types.push(type)
    if (type === 1) socket.write(this.connack)
    else if (type === 12) socket.write(Buffer.from([0xd0, 0]))
    else if (type === 3) this.#publish(socket, { ...readPublish(packet), connection })
  }

  #publish(socket: Socket, message: Received): void {
    this.received.push(message)
    const reason = this.answer(message)
    if (reason !== null) puback(socket, message.packetId, reason)
    else {
      this.#unanswered.push({ socket, message })
      this.mostUnanswered = Math.max(this.mostUnanswered, this.#unanswered.length)
    }
  }
}

function puback(socket: Socket, packetId: number, reason: number): void {
  const id = [packetId >> 8, packetId & 0xff]
  socket.write(Buffer.from(reason === 0 ? [0x40, 2, ...id] : [0x40, 4, ...id, reason, 0]))
}

function variable(bytes: Buffer, at: number): { value: number; next: number } | null {
  let value = 0
  for (let i = 0; at + i < bytes.length; i++) {
    value += (bytes.readUInt8(at + i) & 0x7f) * 128 ** i
    if (bytes.readUInt8(at + i) < 0x80) return { value, next: at + i + 1 }
  }
  return null
}

/** The first whole packet; null where there is none yet. */
function cut(bytes: Buffer): Buffer | null {
  const length = variable(bytes, 1)
  if (length === null || bytes.length < length.next + length.value) return null
  return bytes.subarray(0, length.next + length.value)
}

function readPublish(packet: Buffer): Omit<Received, 'connection'> {
  if ((packet.readUInt8(0) & 0x0f) !== 0x02) throw new Error('not QoS 1 without DUP and RETAIN')
  let at = variable(packet, 1)?.next ?? 0
  const string = () => {
    const length = packet.readUInt16BE(at)
    at += 2 + length
    return packet.toString('utf8', at - length, at)
  }
  const topic = string()
  const packetId = packet.readUInt16BE(at)
  const length = variable(packet, at + 2)
  at = length?.next ?? 0
  const end = at + (length?.value ?? 0)
  const properties: Record<string, string> = {}
  while (at < end) {
    if (packet.readUInt8(at++) !== 0x26) throw new Error('a property that is not a user property')
    const name = string()
    properties[name] = string()
  }
  return { topic, packetId, properties, payload: packet.toString('utf8', end) }
}

/** A message of a test. */
export const textPayload = (text: string): Payload => ({
  room: Buffer.byteLength(text),
  write: (target, at) => at + target.write(text, at),
})
