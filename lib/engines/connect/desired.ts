/**
 * The wanted configuration of the source connector. Keys: `docker/connect/mqtt-source`; those of the worker and the
 * producer: https://kafka.apache.org/documentation/#connectconfigs. Everything that exactly once rests on is set here.
 */
import { headers, topics } from '#lib/pipeline/stages.ts'

export interface MqttAddress {
  readonly host: string
  readonly port: number
}

export const sourceClass = 'io.aviary.connect.mqtt.MqttSourceConnector'

export const sourceConfig = ({ host, port }: MqttAddress): Record<string, string> => ({
  'connector.class': sourceClass,
  // One task: a second MQTT session would receive every message again.
  'tasks.max': '1',
  'mqtt.host': host,
  'mqtt.port': String(port),
  'mqtt.client.id': 'aviary-tweets-source',
  'mqtt.topic.filter': topics.tweets,
  'mqtt.receive.maximum': '65535',
  'kafka.topic': topics.tweets,
  'dead.letter.topic': topics.deadLetters,
  'key.pointer': '/user_id',
  'poll.max.records': '2000',
  'poll.linger.ms': '20',
  // The payload is carried byte for byte, whatever the worker's own converters are.
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter',
  'header.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'exactly.once.support': 'required',
  'transaction.boundary': 'poll',
  // No offsets.storage.topic of its own: with one, Connect 4.3 deletes offsets outside the transaction, and pruning a run
  // answered 500 after 90 s. Setting one later would hide all offsets, and so every run would be sent again.
  'producer.override.linger.ms': '5',
  'producer.override.batch.size': '262144',
  'producer.override.compression.type': 'lz4',
  'producer.override.buffer.memory': '67108864',
  // With Kafka's default a killed worker holds up its successor, and every committed reader, for a minute.
  'producer.override.transaction.timeout.ms': '10000',
})

/** The run in a source partition as our connector writes it; null for foreign ones. */
export function runOf(partition: Readonly<Record<string, unknown>>): string | null {
  const run = partition[headers.runId]
  return typeof run === 'string' ? run : null
}

const secret = /password|secret|token|credential|jaas|private|keystore\.key|sasl|basic\.auth/i
const userInfo = /\/\/[^/@\s]+@/

/** A configuration fit for showing: Connect itself hands out secrets in plain text. */
export function redact(config: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, secret.test(key) || userInfo.test(value) ? '(hidden)' : value]),
  )
}
