/**
 * What Mosquitto publishes about itself: https://mosquitto.org/man/mosquitto-8.html (Broker Status), every `sys_interval`.
 * It sends a figure when it changes and forgets it after a minute, so one that rests is not known to a new connection.
 */

/** Null: it has not changed since we connected, nor in the minute before. */
export interface Traffic {
  /** PUBLISH packets it got, of all clients and topics, since it started. */
  readonly received: number | null
  /** PUBLISH packets it sent, those of `$SYS` among them. */
  readonly sent: number | null
  /** Messages it threw away for full queues. */
  readonly dropped: number | null
  /** Messages it keeps: retained ones and those queued for sessions such as the connector's. */
  readonly stored: number | null
  readonly clients: number | null
}

const topicOf: Record<keyof Traffic, string> = {
  received: '$SYS/broker/publish/messages/received',
  sent: '$SYS/broker/publish/messages/sent',
  dropped: '$SYS/broker/publish/messages/dropped',
  stored: '$SYS/broker/store/messages/count',
  clients: '$SYS/broker/clients/connected',
}

export class Figures {
  readonly topics: readonly string[] = Object.values(topicOf)
  readonly #values = new Map<string, number>()

  take(topic: string, payload: Buffer): void {
    const value = Number(payload.toString('latin1'))
    if (Number.isFinite(value)) this.#values.set(topic, value)
  }

  clear(): void {
    this.#values.clear()
  }

  traffic(): Traffic {
    const figure = (name: keyof Traffic) => this.#values.get(topicOf[name]) ?? null
    return {
      received: figure('received'),
      sent: figure('sent'),
      dropped: figure('dropped'),
      stored: figure('stored'),
      clients: figure('clients'),
    }
  }
}
