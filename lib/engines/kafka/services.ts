/** Kafka as a service: one node that is broker and controller, tuned for exactly-once writers. */
import { askBytes, explainSilence, isReady, notReady } from '#lib/runtime/ask.ts'
import type { JavaProgram, Readiness, ServiceDefinition, Site } from '#lib/runtime/definition.ts'

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

async function ready(host: string, port: number, signal: AbortSignal): Promise<Readiness> {
  try {
    const answer = await askBytes({ host, port, send: apiVersions, enough: answered }, signal)
    // Size, correlation id, error code.
    if (answer.length < 10 || answer.readInt32BE(4) !== 1) return notReady(`${host}:${port} does not speak Kafka`)
    const error = answer.readInt16BE(8)
    return error === 0 ? isReady : notReady(`the broker answers with Kafka error ${error}`)
  } catch (error) {
    return notReady(explainSilence(error, `${host}:${port}`))
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

export function services(site: Site): ServiceDefinition[] {
  const port = site.port('kafka')
  const host = site.host('kafka')
  return [
    {
      id: 'kafka',
      engine: 'kafka',
      artifacts: ['kafka'],
      version: kafkaVersion,
      ports: ['kafka', 'kafka-controller'],
      memoryMb: 450,
      needs: [],
      // While they stop, the connector and peons commit to it, and the Overlord's supervisor closes a consumer that would hang without it.
      outlives: ['connect', 'druid-coordinator', 'druid-middlemanager'],
      files: [
        {
          template: 'kafka/conf/server.properties',
          target: 'server.properties',
          values: {
            host,
            bind: site.bind,
            port,
            controllerPort: site.port('kafka-controller'),
            dataDir: site.dataDir('kafka'),
          },
        },
        { template: 'kafka/conf/log4j2.xml', target: 'log4j2.xml', values: {} },
      ],
      prepare: { program: format, doneWhen: 'meta.properties' },
      program: { ...java, mainClass: 'kafka.Kafka', heapMb: 256, c1Only: false, args: ['server.properties'] },
      stopGraceMs: 20_000,
      ready: (signal) => ready(host, port, signal),
    },
  ]
}
