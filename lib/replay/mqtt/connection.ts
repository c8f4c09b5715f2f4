/** One connection to the broker, from dial to close; it never reconnects by itself. */
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { MqttAddress } from '#lib/external.ts'
import { connectPacket, disconnectPacket, pingPacket, reasonText } from './packets.ts'
import { type Limits, PacketParser } from './parser.ts'

export interface ConnectionEvents {
  ready(limits: Limits): void
  acked(packetId: number, reason: number): void
  /** A piece of bytes has been taken in: all acknowledgements in it were given out. */
  settled(): void
  /** The socket takes bytes again after `write` said no. */
  drained(): void
  /** Exactly once, whatever ended it. */
  closed(reason: string, code: number | null): void
}

const connectMs = 5_000
const keepAliveSeconds = 10
const readBytes = 64 * 1024

export class Connection {
  readonly #socket: Socket
  readonly #events: ConnectionEvents
  readonly #parser: PacketParser
  readonly #timers: NodeJS.Timeout[] = []
  #reason: string | null = null
  #code: number | null = null
  #heard = performance.now()

  constructor(address: MqttAddress, clientId: string, events: ConnectionEvents) {
    this.#events = events
    this.#parser = new PacketParser({
      connack: (reason, limits) => this.#connack(reason, limits),
      puback: (packetId, reason) => this.#events.acked(packetId, reason),
      pong: () => {},
      disconnect: (reason) => this.#end(`the broker ended the connection: ${reasonText(reason)}`, reason),
    })
    this.#socket = address.tls ? this.#dialTls(address) : this.#dial(address)
    this.#timers.push(setTimeout(() => this.#end('the broker does not answer'), connectMs))
    const hello = connectPacket(clientId, keepAliveSeconds, address.login ?? null)
    this.#socket.on(address.tls ? 'secureConnect' : 'connect', () => this.#socket.write(hello))
    this.#socket.on('drain', () => this.#events.drained())
    this.#socket.on('error', (error) => {
      this.#reason ??= error.message
    })
    this.#socket.on('close', () => this.#closed())
  }

  #dial({ host, port }: MqttAddress): Socket {
    // One buffer for all that comes: acknowledgements come in small pieces, and each would get 64 KiB of its own.
    const buffer = Buffer.allocUnsafeSlow(readBytes)
    const callback = (bytes: number): boolean => {
      this.#take(buffer.subarray(0, bytes))
      return true
    }
    return connect({ host, port, noDelay: true, onread: { buffer, callback } })
  }

  #dialTls({ host, port, tls }: MqttAddress): Socket {
    const ca = tls?.ca ? { ca: tls.ca } : {}
    const name = isIP(host) === 0 ? { servername: host } : {}
    const socket = connectTls({ host, port, ...ca, ...name })
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    return socket
  }

  /** False when enough is waiting to be sent: write no more until `drained`. The bytes must stay as they are. */
  write(bytes: Buffer): boolean {
    return this.#socket.write(bytes)
  }

  /** Says goodbye and closes; `closed` follows. */
  close(): void {
    this.#reason ??= 'closed'
    if (this.#socket.connecting) this.#socket.destroy()
    else this.#socket.end(disconnectPacket)
    this.#timers.push(setTimeout(() => this.#socket.destroy(), 1_000))
  }

  #take(chunk: Buffer): void {
    this.#heard = performance.now()
    try {
      this.#parser.feed(chunk)
    } catch (fault) {
      this.#end(`the broker does not speak MQTT 5: ${fault instanceof Error ? fault.message : fault}`)
      return
    }
    this.#events.settled()
  }

  #connack(reason: number, limits: Limits): void {
    clearTimeout(this.#timers[0])
    if (reason >= 0x80) {
      this.#end(`the broker refused the connection: ${reasonText(reason)}`, reason)
      return
    }
    if (limits.maximumQos < 1) {
      this.#end('the broker allows QoS 0 only, which loses messages')
      return
    }
    this.#keepAlive(limits.keepAlive ?? keepAliveSeconds)
    this.#events.ready(limits)
  }

  /** A broker that is silent for one and a half keep alives is gone, though TCP may not know it for minutes. */
  #keepAlive(seconds: number): void {
    if (seconds === 0) return
    const timer = setInterval(() => {
      const silent = performance.now() - this.#heard
      if (silent > seconds * 1_500) this.#end('the broker fell silent')
      else this.#socket.write(pingPacket)
    }, seconds * 500)
    this.#timers.push(timer)
  }

  #end(reason: string, code: number | null = null): void {
    this.#reason ??= reason
    this.#code ??= code
    this.#socket.destroy()
  }

  #closed(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#events.closed(this.#reason ?? 'the broker closed the connection', this.#code)
  }
}
