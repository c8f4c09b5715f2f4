/** Kafka as a service: one node that is broker and controller, tuned for exactly-once writers. */
import { pino } from 'pino'
import { readyBy } from '#lib/engines/elsewhere.ts'
import type { KafkaCluster } from '#lib/external.ts'
import { askBytes, explainSilence, isReady, notReady } from '#lib/runtime/ask.ts'
import type {
  Address,
  ConfFile,
  ExternalService,
  JavaProgram,
  Readiness,
  ServiceDefinition,
  Site,
} from '#lib/runtime/definition.ts'
import { KafkaClient } from './client.ts'

/** Matches docker/kafka/pom.xml. */
export const kafkaVersion = '4.3.1'

/** Any 16 bytes in base64url; one node has nobody to be confused with. */
const clusterId = 'YXZpYXJ5LWNsdXN0ZXIhIQ'

/** ApiVersions request, version 0: key 18, correlation id 1, client id "aviary". */
const apiVersions = Buffer.concat([
  Buffer.from([0, 0, 0, 16, 0, 18, 0, 0, 0, 0, 0, 1, 0, 6]),
  Buffer.from('aviary', 'ascii'),
])

const answered = (answer: Buffer) => answer.length >= 4 && answer.length >= 4 + answer.readInt32BE(0)

async function ready({ host, port }: Address, signal: AbortSignal): Promise<Readiness> {
  const asked = `ApiVersions ${host}:${port}`
  try {
    const answer = await askBytes({ host, port, send: apiVersions, enough: answered }, signal)
    // Size, correlation id, error code, number of the requests that it knows.
    if (answer.length < 14 || answer.readInt32BE(4) !== 1)
      return notReady(`${host}:${port} does not speak Kafka`, asked, answer.toString('latin1'))
    const error = answer.readInt16BE(8)
    return error === 0
      ? isReady(asked, `error code 0, ${answer.readInt32BE(10)} APIs`)
      : notReady(`the broker answers with Kafka error ${error}`, asked, `error code ${error}`)
  } catch (error) {
    return notReady(explainSilence(error, `${host}:${port}`), asked, null)
  }
}

const java = {
  kind: 'java',
  jars: ['kafka'],
  jvmArgs: ['-Dlog4j2.configurationFile=log4j2.xml', '-Dlog4j2.disableJmx=true'],
} as const

const format: JavaProgram = {
  ...java,
  mainClass: 'kafka.tools.StorageTool',
  heapMb: 128,
  c1Only: true,
  args: ['format', '--cluster-id', clusterId, '--config', 'server.properties'],
}

/** What services are told is their own network's address; whoever is outside of it is told another. */
function listeners(site: Site): ConfFile['values'] {
  const host = site.host('kafka')
  const port = site.port('kafka')
  const outside = site.outside('kafka')
  const { announced } = outside ?? {}
  return {
    listeners: [
      `INSIDE://${site.bind}:${port}`,
      ...(outside === null ? [] : [`OUTSIDE://${site.bind}:${outside.port}`]),
      `CONTROLLER://${site.bind}:${site.port('kafka-controller')}`,
    ].join(),
    advertised: [
      `INSIDE://${host}:${port}`,
      ...(announced === undefined ? [] : [`OUTSIDE://${announced.host}:${announced.port}`]),
    ].join(),
    controller: `${host}:${site.port('kafka-controller')}`,
  }
}

/** As a client, on a connection of its own: with TLS and credentials a raw question tells nothing. */
export function externalService(cluster: KafkaCluster): ExternalService {
  const address = cluster.brokers.join(', ')
  return {
    ...{ id: 'kafka', engine: 'kafka', address },
    users: ['connect', 'druid-coordinator', 'druid-middlemanager'],
    insteadOf: ['kafka'],
    ready: readyBy(`DescribeCluster ${address}`, async (signal) => {
      const client = new KafkaClient({ ...cluster, log: pino({ enabled: false }) })
      try {
        const { brokers, clusterId } = await client.ask((admin) => admin.describeCluster(), signal)
        return `cluster ${clusterId}, ${brokers.length} brokers`
      } finally {
        await client.close()
      }
    }),
  }
}

export function services(site: Site): ServiceDefinition[] {
  return [
    {
      id: 'kafka',
      engine: 'kafka',
      artifacts: ['kafka'],
      version: kafkaVersion,
      ports: ['kafka', 'kafka-controller'],
      memoryMb: 450,
      needs: [],
      // While they stop, peons commit to it, and the Overlord's supervisor closes a consumer that would hang without it.
      outlives: ['druid-coordinator', 'druid-middlemanager'],
      files: [
        {
          template: 'kafka/conf/server.properties',
          target: 'server.properties',
          values: { ...listeners(site), dataDir: site.dataDir('kafka') },
        },
        { template: 'kafka/conf/log4j2.xml', target: 'log4j2.xml', values: {} },
      ],
      prepare: { program: format, doneWhen: 'meta.properties' },
      program: { ...java, mainClass: 'kafka.Kafka', heapMb: 256, c1Only: false, args: ['server.properties'] },
      stopGraceMs: 20_000,
      // Beyond the size: the correlation id, and no error.
      health: { kind: 'bytes', port: 'kafka', send: apiVersions, bytes: 10, answer: /^.{8}000000010000$/ },
      ready: (signal) => ready(site.reach('kafka'), signal),
    },
  ]
}
