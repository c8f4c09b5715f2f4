/** Kafka Connect as a service: one distributed worker with exactly-once sources. */
import { topics } from '#lib/pipeline/stages.ts'
import { httpReady } from '#lib/runtime/ask.ts'
import type { ServiceDefinition, Site } from '#lib/runtime/definition.ts'

/** Connect comes with Kafka; matches docker/kafka/pom.xml. */
const connectVersion = '4.3.1'

export function services(site: Site): ServiceDefinition[] {
  const port = site.port('connect')
  const host = site.host('connect')
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
      startsAfter: ['kafka', 'druid-coordinator', 'druid-middlemanager'],
      outlives: [],
      // The sink writes into the folder over which Hive has its table.
      sharesData: ['hive'],
      files: [
        {
          template: 'connect/conf/worker.properties',
          target: 'worker.properties',
          values: {
            host,
            bind: site.bind,
            port,
            kafka: `${site.host('kafka')}:${site.port('kafka')}`,
            pluginPath: site.artifactDir('connector'),
            topics: `${topics.tweets},${topics.deadLetters}`,
          },
        },
        { template: 'kafka/conf/log4j2.xml', target: 'log4j2.xml', values: {} },
      ],
      program: {
        kind: 'java',
        mainClass: 'org.apache.kafka.connect.cli.ConnectDistributed',
        jars: ['kafka'],
        heapMb: 256,
        c1Only: false,
        jvmArgs: ['-Dlog4j2.configurationFile=log4j2.xml', '-Dlog4j2.disableJmx=true'],
        args: ['worker.properties'],
      },
      // Its two shutdown hooks may wait for each other for ever (Jetty's and its own); a kill loses nothing, transactions see to that.
      stopGraceMs: 10_000,
      health: { kind: 'http', port: 'connect', paths: conditions.map(({ path }) => path) },
      ready: (signal) => httpReady(site.reach('connect'), conditions, signal),
    },
  ]
}
