/** The line, left to right. Map, probe order, provisioning and docs read it from here. */

export const stageIds = ['file', 'replay', 'mosquitto', 'connect', 'kafka', 'druid'] as const
/** A place on the line where messages can be counted. */
export type StageId = (typeof stageIds)[number]

export const engineIds = ['mosquitto', 'kafka', 'connect', 'druid', 'hive', 'superset'] as const
/** The software of the pipeline, in the order in which it is provisioned. */
export type EngineId = (typeof engineIds)[number]

/** What can run services: processes, containers, or the services of a swarm. */
export const runtimeKinds = ['process', 'docker', 'swarm'] as const
export type RuntimeKind = (typeof runtimeKinds)[number]

export const serviceIds = [
  'mosquitto',
  'zookeeper',
  'kafka',
  'connect',
  'druid-coordinator',
  'druid-broker',
  'druid-historical',
  'druid-middlemanager',
  'druid-router',
  'hive',
  'superset',
] as const
/** One running process or container of an engine; the console itself is not in this list because it runs them. */
export type ServiceId = (typeof serviceIds)[number]

export const topics = {
  /** MQTT topic and Kafka topic of the tweets. */
  tweets: 'tweets',
  /** Kafka topic of messages that Druid could never read, with the reason in headers. */
  deadLetters: 'tweets-dead-letters',
} as const

/** Kafka partitions of the topic `tweets`; the key is the user id, so a user's tweets stay in order. */
export const tweetsPartitions = 3
/** Name of the Connect source connector. */
export const sourceConnector = 'tweets-source'
/** Name of the Connect sink connector that lands the topic `tweets` where Hive reads it. */
export const landingConnector = 'tweets-landing'
/** Name of the Druid datasource and of its supervisor. */
export const datasource = 'tweets'

/** Headers that travel beside a message: MQTT 5 user properties, then Kafka headers of the same names. */
export const headers = {
  runId: 'run-id',
  /** 0-based position in the run. */
  seq: 'seq',
  /** When the replay handed it to MQTT, ms since the epoch. */
  sentAt: 'sent-at',
  /** When the connector received it, ms since the epoch; added by the connector. */
  receivedAt: 'mqtt.received-at',
  mqttTopic: 'mqtt.topic',
} as const
