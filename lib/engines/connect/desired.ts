/**
 * The wanted configurations of the connectors. Keys: `docker/connect/mqtt-source`, `docker/connect/landing-sink`; those of the
 * worker, producer and consumer: https://kafka.apache.org/documentation/#connectconfigs. Everything that exactly once rests on
 * is set here.
 */
import type { MqttAddress } from '#lib/external.ts'
import { headers, landingConnector, sourceConnector, topics } from '#lib/pipeline/stages.ts'

/** All as the worker reaches them. */
export interface SourceEnds {
  readonly mqtt: MqttAddress
  /** `host:port`, separated by commas. */
  readonly kafka: string
  /** Settings of Kafka's clients beyond the address; no secret among them. */
  readonly kafkaClient?: Readonly<Record<string, string>>
}

/** Beside the worker's own configuration, in the folder in which it runs. */
export const mqttCaFile = 'mqtt-ca.pem'
export const mqttLoginFile = 'mqtt.properties'

const mqttAccess = ({ tls, login }: MqttAddress): Record<string, string> => ({
  ...(tls ? { 'mqtt.tls': 'true' } : {}),
  ...(tls?.ca ? { 'mqtt.tls.ca': mqttCaFile } : {}),
  // The worker puts the password in its place when it starts the connector: Connect hands out what it keeps in plain text.
  ...(login ? { 'mqtt.username': login.username, 'mqtt.password': `\${file:${mqttLoginFile}:password}` } : {}),
})

const kafkaAccess = (settings: SourceEnds['kafkaClient'] = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [`kafka.client.${name}`, value]))

/** A record is carried byte for byte, whatever the worker's own converters are. */
const converters = {
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter',
  'header.converter': 'org.apache.kafka.connect.storage.StringConverter',
}

/** As docker/connect/conf/worker.properties has it. */
export const workerGroup = 'aviary-connect'

export const sourceConfig = ({ mqtt, kafka, kafkaClient }: SourceEnds): Record<string, string> => ({
  'connector.class': 'io.aviary.connect.mqtt.MqttSourceConnector',
  // One task: a second MQTT session would receive every message again.
  'tasks.max': '1',
  'mqtt.host': mqtt.host,
  'mqtt.port': String(mqtt.port),
  ...mqttAccess(mqtt),
  'mqtt.client.id': 'aviary-tweets-source',
  'mqtt.topic.filter': topics.tweets,
  'mqtt.receive.maximum': '65535',
  'kafka.topic': topics.tweets,
  // After a kill Kafka may leave a transaction open that it calls closed: a task rolls that back before it begins.
  'kafka.bootstrap.servers': kafka,
  ...kafkaAccess(kafkaClient),
  'kafka.transactional.id': `${workerGroup}-${sourceConnector}-0`,
  'dead.letter.topic': topics.deadLetters,
  'key.pointer': '/user_id',
  'poll.max.records': '2000',
  'poll.linger.ms': '20',
  ...converters,
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

/** `landingDir`: the folder over which Hive has its table, as the worker sees it. */
export const landingConfig = (landingDir: string): Record<string, string> => ({
  'connector.class': 'io.aviary.connect.landing.LandingSinkConnector',
  // It lands some ten times what the source can bring; a static member of the group must be one.
  'tasks.max': '1',
  topics: topics.tweets,
  'landing.folder': landingDir,
  'flush.ms': '10000',
  'file.max.bytes': String(16 * 1024 * 1024),
  ...converters,
  'consumer.override.isolation.level': 'read_committed',
  'consumer.override.auto.offset.reset': 'earliest',
  // The member of a killed worker is replaced at once. Without it the group waits for its session to end: 45 s, measured.
  'consumer.override.group.instance.id': landingConnector,
})

/** The consumer group in which Connect commits how far a sink is. */
export const groupOf = (connector: string): string => `connect-${connector}`

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
