/** What Mosquitto publishes about itself: https://mosquitto.org/man/mosquitto-8.html (Broker Status). */

export interface Traffic {
  /** PUBLISH packets it got, of all clients and topics, since it started. */
  readonly received: number
  /** PUBLISH packets it sent, those of `$SYS` among them. */
  readonly sent: number
  /** Messages it threw away for full queues. */
  readonly dropped: number
  /** Messages it keeps: retained ones and those queued for sessions such as the connector's. */
  readonly stored: number
  readonly clients: number
  /** When the newest of these figures came, ms since the epoch. */
  readonly at: number
}

const topicOf: Record<Exclude<keyof Traffic, 'at'>, string> = {
  received: '$SYS/broker/publish/messages/received',
  sent: '$SYS/broker/publish/messages/sent',
  dropped: '$SYS/broker/publish/messages/dropped',
  stored: '$SYS/broker/store/messages/count',
  clients: '$SYS/broker/clients/connected',
}

export class Figures {
  readonly topics: readonly string[] = Object.values(topicOf)
  readonly #values = new Map<string, number>()
  #at = 0

  take(topic: string, payload: Buffer): void {
    const value = Number(payload.toString('latin1'))
    if (!Number.isFinite(value)) return
    this.#values.set(topic, value)
    this.#at = Date.now()
  }

  clear(): void {
    this.#values.clear()
  }

  /** Null until every figure has come: the broker sends them all at subscription. */
  traffic(): Traffic | null {
    const figure = (name: keyof typeof topicOf) => this.#values.get(topicOf[name])
    const [received, sent, dropped] = [figure('received'), figure('sent'), figure('dropped')]
    const [stored, clients] = [figure('stored'), figure('clients')]
    if ([received, sent, dropped, stored, clients].includes(undefined)) return null
    return {
      received: received ?? 0,
      sent: sent ?? 0,
      dropped: dropped ?? 0,
      stored: stored ?? 0,
      clients: clients ?? 0,
      at: this.#at,
    }
  }
}
