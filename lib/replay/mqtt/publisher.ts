/**
 * Hands messages to the broker at QoS 1 and sees to it that each arrives: a window under the broker's receive
 * maximum, retries of what was refused, reconnects with backoff, and rewinds to the checkpoint. A PUBACK alone
 * proves nothing that survives a crash of the broker, so nothing is forgotten before the checkpoint covers it.
 */
import type { MqttAddress } from '#lib/external.ts'
import { Connection } from './connection.ts'
import { Outbox } from './outbox.ts'
import { type Payload, PublishEncoder, reasonCode, reasonText } from './packets.ts'
import type { Limits } from './parser.ts'

export interface PublisherOptions extends MqttAddress {
  readonly topic: string
  readonly runId: string
  readonly headers: { readonly runId: string; readonly seq: string; readonly sentAt: string }
  readonly maxUnconfirmed: number
  /** Where an earlier process of the run stood: its checkpoint, and the seq after the last it sent. */
  readonly committed: number
  readonly sentBefore: number
}

export interface PublisherEvents {
  /** Something moved: there may be room, or an acknowledgement more. */
  progress(): void
  /** What it waits for changed; null when it waits for nothing. */
  trouble(reason: string | null): void
  /** Another process has connected for the same run. */
  replaced(): void
  /** It cannot go on, and trying again will not help. */
  fatal(reason: string): void
}

const firstRetryMs = 200
const longestRetryMs = 5_000
/** How many messages are handed to the socket before acknowledgements are looked at. */
const turn = 2_000

export class Publisher {
  readonly #options: PublisherOptions
  readonly #events: PublisherEvents
  readonly outbox: Outbox
  #connection: Connection | null = null
  #limits: Limits | null = null
  /** Until the broker has taken a message they go one at a time, as nobody may be subscribed yet. */
  #proven = false
  #blocked = false
  #held = false
  #retryMs = firstRetryMs
  #timer: NodeJS.Timeout | null = null
  #closed = false
  #trouble: string | null = null
  #onClosed: () => void = () => {}
  refused = 0

  constructor(options: PublisherOptions, events: PublisherEvents) {
    this.#options = options
    this.#events = events
    const encoder = new PublishEncoder(options.topic, options.runId, options.headers)
    this.outbox = new Outbox(encoder, options.maxUnconfirmed, options.committed, options.sentBefore)
  }

  get connected(): boolean {
    return this.#limits !== null
  }

  /** The broker has taken a message on this connection. */
  get proven(): boolean {
    return this.#proven
  }

  /** Messages that may be added before the next flush(): those before them are handed over, and the window is open. */
  get room(): number {
    const { outbox } = this
    return outbox.cursor < outbox.next ? 0 : Math.min(outbox.left, this.#window())
  }

  #window(): number {
    if (this.#limits === null || this.#blocked || this.#held) return 0
    const limit = this.#proven ? this.#limits.receiveMaximum : 1
    return Math.max(0, Math.min(limit - this.outbox.inFlight, turn))
  }

  /** Adds a new message, as many as there was `room` for. It leaves with the next flush(). */
  add(payload: Payload, sentAt: string): void {
    const size = this.outbox.add(payload, sentAt)
    const most = this.#limits?.maximumPacket ?? null
    if (most !== null && size > most)
      this.#events.fatal(`message ${this.outbox.next - 1} takes ${size} bytes, the broker allows ${most} a packet`)
  }

  /** Sends what waits, as far as the window goes. */
  flush(): void {
    const connection = this.#connection
    const budget = this.#window()
    if (connection === null || budget === 0) return
    this.outbox.send(budget, (bytes) => {
      this.#blocked = !connection.write(bytes)
      return !this.#blocked
    })
  }

  /** Sends everything after the checkpoint again; true when it could. Only while nothing is in flight. */
  rewind(): boolean {
    if (this.#limits === null || this.outbox.inFlight > 0) return false
    this.outbox.rewind()
    this.flush()
    return true
  }

  connect(): void {
    if (this.#closed || this.#connection !== null) return
    const connection = new Connection(this.#options, `aviary-replay-${this.#options.runId}`, {
      ready: (limits) => this.#ready(limits),
      acked: (packetId, reason) => this.#acked(packetId, reason),
      settled: () => this.#moved(),
      drained: () => {
        this.#blocked = false
        this.#moved()
      },
      closed: (reason, code) => this.#lost(reason, code),
    })
    this.#connection = connection
  }

  #ready(limits: Limits): void {
    this.#limits = limits
    this.#proven = this.#blocked = this.#held = false
    this.#tell(null)
    this.outbox.rewind()
  }

  #moved(): void {
    this.flush()
    this.#events.progress()
  }

  #acked(packetId: number, reason: number): void {
    const seq = this.outbox.seqOf(packetId)
    if (seq === -1) return
    if (reason < reasonCode.failure && reason !== reasonCode.noMatchingSubscribers) {
      this.outbox.acknowledge(seq)
      this.#proven = true
      this.#retryMs = firstRetryMs
      if (this.#trouble !== null && !this.#held) this.#tell(null)
      return
    }
    if (reason >= reasonCode.failure) this.refused++
    this.outbox.refuse(seq)
    this.#proven = false
    this.#tell(
      reason === reasonCode.noMatchingSubscribers
        ? 'The connector is not subscribed to the topic yet: the broker has nobody to give the messages to.'
        : `The broker refused message ${seq}: ${reasonText(reason)}. It is tried again.`,
    )
    if (!this.#held) this.#hold()
  }

  #hold(): void {
    this.#held = true
    this.#later(() => {
      this.#held = false
      this.#moved()
    })
  }

  #lost(reason: string, code: number | null): void {
    this.#connection = this.#limits = null
    this.#blocked = false
    this.#onClosed()
    if (this.#closed) return
    if (code === reasonCode.sessionTakenOver) {
      this.#events.replaced()
      return
    }
    const { host, port } = this.#options
    this.#tell(`Mosquitto at ${host}:${port}: ${reason}. Trying again in ${this.#retryMs / 1000} s.`)
    this.#later(() => this.connect())
    this.#events.progress()
  }

  #later(act: () => void): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = null
      act()
    }, this.#retryMs)
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs)
  }

  #tell(reason: string | null): void {
    if (reason === this.#trouble) return
    this.#trouble = reason
    this.#events.trouble(reason)
  }

  /** Ends the connection properly. What is not confirmed stays unconfirmed. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    const connection = this.#connection
    if (connection === null) return
    await new Promise<void>((resolve) => {
      this.#onClosed = resolve
      connection.close()
    })
  }
}
