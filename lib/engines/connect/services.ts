/** Kafka Connect as a service: one distributed worker with exactly-once sources. */
import { trustedFile } from '#lib/engines/elsewhere.ts'
import { kafkaClientFiles, kafkaClientJvmArgs, kafkaClientSettings } from '#lib/engines/kafka-java.ts'
import { topics } from '#lib/pipeline/stages.ts'
import { httpReady } from '#lib/runtime/ask.ts'
import type { ConfFile, ServiceDefinition, Site } from '#lib/runtime/definition.ts'
import { mqttCaFile, mqttLoginFile } from './desired.ts'

/** Connect comes with Kafka; matches docker/kafka/pom.xml. */
const connectVersion = '4.3.1'

/** What the worker is told beyond its template; its own clients and those of each connector are told apart by a prefix. */
function moreSettings({ kafka, mosquitto }: Site['external']): string {
  const security = Object.entries(kafkaClientSettings(kafka))
  const lines = ['', 'producer.', 'consumer.', 'admin.'].flatMap((prefix) =>
    security.map(([name, value]) => `${prefix}${name}=${value}`),
  )
  if (mosquitto?.login)
    lines.push(
      'config.providers=file',
      'config.providers.file.class=org.apache.kafka.common.config.provider.FileConfigProvider',
    )
  return lines.map((line) => `${line}\n`).join('')
}

function mqttFiles({ mosquitto }: Site['external']): ConfFile[] {
  const { tls, login } = mosquitto ?? {}
  // Of a Java properties file.
  const escaped = (text: string) => text.replaceAll('\\', '\\\\').replace(/^ /, '\\ ')
  return [
    ...trustedFile(tls?.ca, mqttCaFile),
    ...(login
      ? [
          {
            template: 'connect/conf/mqtt.properties',
            target: mqttLoginFile,
            values: { password: escaped(login.password) },
          },
        ]
      : []),
  ]
}

export function services(site: Site): ServiceDefinition[] {
  const port = site.port('connect')
  const host = site.ownHost('connect')
  const { external } = site
  const conditions = [
    { path: '/', missing: 'the worker has not joined Kafka yet' },
    { path: '/connectors', missing: 'the worker has not read its configuration from Kafka yet' },
  ]
  return [
    {
      id: 'connect',
      engine: 'connect',
      artifacts: ['kafka', 'connector'],
      version: connectVersion,
      ports: ['connect'],
      memoryMb: 400,
      needs: ['kafka'],
      startsAfter: ['kafka', 'druid-broker', 'druid-middlemanager'],
      outlives: [],
      // The sink writes into the folder over which Hive has its table.
      sharesData: ['hive'],
      // Workers share the connectors and their tasks.
      replicable: true,
      files: [
        {
          template: 'connect/conf/worker.properties',
          target: 'worker.properties',
          values: {
            host,
            bind: site.bind,
            port,
            kafka: external.kafka?.brokers.join() ?? `${site.host('kafka')}:${site.port('kafka')}`,
            // -1: as the brokers are told to.
            replicas: external.kafka === null ? 1 : -1,
            more: moreSettings(external),
            pluginPath: site.artifactDir('connector'),
            topics: `${topics.tweets},${topics.deadLetters}`,
          },
        },
        { template: 'kafka/conf/log4j2.xml', target: 'log4j2.xml', values: {} },
        ...kafkaClientFiles(external.kafka),
        ...mqttFiles(external),
      ],
      program: {
        kind: 'java',
        mainClass: 'org.apache.kafka.connect.cli.ConnectDistributed',
        jars: ['kafka'],
        heapMb: 256,
        c1Only: false,
        jvmArgs: [
          '-Dlog4j2.configurationFile=log4j2.xml',
          '-Dlog4j2.disableJmx=true',
          ...kafkaClientJvmArgs(external.kafka),
        ],
        args: ['worker.properties'],
      },
      // Its two shutdown hooks may wait for each other for ever (Jetty's and its own); a kill loses nothing, transactions see to that.
      stopGraceMs: 10_000,
      health: { kind: 'http', port: 'connect', paths: conditions.map(({ path }) => path) },
      ready: (signal) => httpReady(site.reach('connect'), conditions, signal),
    },
  ]
}
