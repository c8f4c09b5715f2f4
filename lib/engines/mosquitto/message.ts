/** An MQTT message as a tap shows it: its user properties are the headers. */
import type { IPublishPacket } from 'mqtt'
import type { TapMessage } from '#lib/pipeline/message.ts'

export function tapMessage({ topic, payload, properties }: IPublishPacket): TapMessage {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(properties?.userProperties ?? {}))
    headers[name] = Array.isArray(value) ? (value.at(-1) ?? '') : value
  return {
    topic,
    key: null,
    value: payload.toString('utf8'),
    headers,
    partition: null,
    offset: null,
    at: Date.now(),
  }
}
