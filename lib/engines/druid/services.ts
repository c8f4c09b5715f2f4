/** Druid as services: Coordinator with Overlord, Broker, Historical, MiddleManager with its peons, Router, and the ZooKeeper they meet in. */
import { peonPorts } from '#lib/config.ts'
import { readyBy } from '#lib/engines/elsewhere.ts'
import { kafkaClientFiles, kafkaClientJvmArgs } from '#lib/engines/kafka-java.ts'
import type { DruidCluster } from '#lib/external.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { type HttpCondition, httpReady } from '#lib/runtime/ask.ts'
import type { ConfFile, ExternalService, PortName, ServiceDefinition, Site } from '#lib/runtime/definition.ts'
import { DruidClient } from './client.ts'
import { zookeeper } from './zookeeper.ts'

/** Matches docker/druid/pom.xml. */
const druidVersion = '33.0.0'

type DruidService = Extract<ServiceId, `druid-${string}`>

/** Without these a Historical says healthy and cannot load a segment; peons need them too. */
const moduleArgs = [
  ...['java.base/jdk.internal.misc', 'java.base/jdk.internal.ref'].map((name) => `--add-exports=${name}=ALL-UNNAMED`),
  ...[
    'java.base/java.nio',
    'java.base/sun.nio.ch',
    'java.base/jdk.internal.ref',
    'java.base/java.io',
    'java.base/java.lang',
    'jdk.management/com.sun.management.internal',
  ].map((name) => `--add-opens=${name}=ALL-UNNAMED`),
]

/** Relative to the conf folder: peons are started there too. */
const loggingArgs = [
  '-Dlog4j2.configurationFile=log4j2.xml',
  '-Djava.util.logging.manager=org.apache.logging.log4j.jul.LogManager',
]

/** Work that nobody needs, done at every start: MBeans for loggers, generated classes for calls that happen once. */
const startArgs = ['-Dlog4j2.disableJmx=true', '-Dguice_bytecode_gen_option=DISABLED']

interface Role {
  readonly role: string
  readonly heapMb: number
  readonly directMb: number
  readonly memoryMb: number
  /** False where rows are scanned: there the second compiler pays. */
  readonly c1Only: boolean
  readonly ports: readonly PortName[]
  /**
   * The peon comes last, so what it needs comes first. The rest starts one after another beside it: the supervisor asks a new peon
   * after 2, 6 and 14 s, and with more at once on two cores it would not answer within 6. The Broker is the first of the rest: one that
   * finds a peon or a Historical announced before it looks for them waits for a fixed 5 s (HttpServerInventoryView).
   */
  readonly startsAfter: readonly ServiceId[]
  readonly conditions: readonly HttpCondition[]
}

const health: HttpCondition = {
  path: '/status/health',
  missing: 'the service has not started all of its parts yet',
  holds: (body) => body.trim() === 'true',
}
const announced: HttpCondition = {
  path: '/status/selfDiscovered',
  missing: 'the service does not see itself in ZooKeeper yet',
}

const roles: Record<DruidService, Role> = {
  'druid-coordinator': {
    role: 'coordinator',
    heapMb: 192,
    directMb: 64,
    memoryMb: 340,
    c1Only: true,
    ports: ['druid-coordinator', 'druid-metadata'],
    startsAfter: [],
    conditions: [
      health,
      { path: '/druid/coordinator/v1/isLeader', missing: 'the Coordinator is not the leader yet' },
      { path: '/druid/indexer/v1/isLeader', missing: 'the Overlord is not the leader yet' },
    ],
  },
  'druid-broker': {
    role: 'broker',
    heapMb: 192,
    directMb: 64,
    memoryMb: 360,
    c1Only: true,
    ports: ['druid-broker'],
    startsAfter: ['druid-coordinator'],
    conditions: [
      health,
      { path: '/druid/broker/v1/readiness', missing: 'the Broker does not know all segments yet' },
      announced,
    ],
  },
  'druid-historical': {
    role: 'historical',
    heapMb: 192,
    directMb: 64,
    memoryMb: 320,
    c1Only: false,
    ports: ['druid-historical'],
    startsAfter: ['connect'],
    conditions: [
      health,
      { path: '/druid/historical/v1/readiness', missing: 'the Historical has not loaded its segments yet' },
      announced,
    ],
  },
  'druid-middlemanager': {
    role: 'middleManager',
    heapMb: 64,
    directMb: 32,
    // With one peon of the supervisor.
    memoryMb: 600,
    c1Only: true,
    ports: ['druid-middlemanager'],
    startsAfter: [],
    conditions: [health, announced],
  },
  'druid-router': {
    role: 'router',
    heapMb: 96,
    directMb: 64,
    memoryMb: 240,
    c1Only: true,
    ports: ['druid-router'],
    startsAfter: ['druid-historical'],
    conditions: [health, announced],
  },
}

const peonLauncher = 'peon-java'

const roleFile = (id: DruidService) => `${id.slice('druid-'.length)}.properties`

/** The supervisor asks Kafka for its offsets, peons read it; the others know nothing of it. */
const kafkaOf = ({ external }: Site, id: DruidService) =>
  id === 'druid-coordinator' || id === 'druid-middlemanager' ? external.kafka : null

function files(site: Site, id: DruidService): ConfFile[] {
  const common: ConfFile['values'] = {
    host: site.ownHost(id),
    zookeeper: `${site.host('zookeeper')}:${site.port('zookeeper')}`,
    metadataHost: site.host('druid-coordinator'),
    metadataBind: site.bind,
    metadataPort: site.port('druid-metadata'),
    sharedDir: site.dataDir('druid-coordinator'),
  }
  const own: Partial<Record<DruidService, ConfFile['values']>> = {
    'druid-historical': { dataDir: site.dataDir(id) },
    'druid-middlemanager': {
      dataDir: site.dataDir(id),
      peonPort: site.port('druid-peon'),
      peonPortEnd: site.port('druid-peon') + peonPorts - 1,
      peonCommand: `${site.launcherDir(id)}/${peonLauncher}`,
    },
  }
  return [
    // Both are read from the working directory: a folder on the class path would make start archives useless.
    { template: 'druid/conf/common.runtime.properties', target: 'common.runtime.properties', values: common },
    {
      template: `druid/conf/${roleFile(id)}`,
      target: 'runtime.properties',
      values: { port: site.port(id), ...own[id] },
    },
    { template: 'druid/conf/log4j2.xml', target: 'log4j2.xml', values: {} },
    ...kafkaClientFiles(kafkaOf(site, id)),
  ]
}

function druidService(site: Site, id: DruidService): ServiceDefinition {
  const { role, heapMb, directMb, memoryMb, c1Only, ports, startsAfter, conditions } = roles[id]
  const jvmArgs = [...loggingArgs, ...startArgs, ...moduleArgs, ...kafkaClientJvmArgs(kafkaOf(site, id))]
  // Peons read every row, and answer for those of the last hour.
  const peons = { launcher: peonLauncher, heapMb: 256, directMb: 96, c1Only: false, jvmArgs }
  return {
    id,
    engine: 'druid',
    artifacts: ['druid'],
    version: druidVersion,
    ports,
    memoryMb,
    // They find each other through it; stopped before them it would make them hang for more than a minute, with their ports.
    needs: ['zookeeper'],
    startsAfter,
    // A stopping Overlord asks its peons, and asks again for half a minute when they are gone.
    outlives: id === 'druid-middlemanager' ? ['druid-coordinator'] : [],
    // Segments and the logs of tasks lie with the Coordinator.
    sharesData: id === 'druid-coordinator' ? [] : ['druid-coordinator'],
    // More of them load more segments, and run more tasks.
    replicable: id === 'druid-historical' || id === 'druid-middlemanager',
    // Grouping goes on there when the merge buffers are full.
    spills: ['druid-broker', 'druid-historical', 'druid-middlemanager'].includes(id),
    files: files(site, id),
    program: {
      kind: 'java',
      mainClass: 'org.apache.druid.cli.Main',
      jars: ['druid'],
      heapMb,
      directMb,
      c1Only,
      // Derby runs inside the Coordinator; its database lies below this folder.
      jvmArgs: id === 'druid-coordinator' ? [...jvmArgs, `-Dderby.system.home=${site.dataDir(id)}`] : jvmArgs,
      args: ['server', role],
      ...(id === 'druid-middlemanager' ? { children: peons } : {}),
    },
    // Killing any of them loses nothing: what peons had not published is read from Kafka again.
    stopGraceMs: 15_000,
    health: { kind: 'http', port: id, paths: conditions.map(({ path }) => path) },
    ready: (signal) => httpReady(site.reach(id), conditions, signal),
  }
}

const druidServices: DruidService[] = [
  'druid-coordinator',
  'druid-middlemanager',
  'druid-broker',
  'druid-historical',
  'druid-router',
]

/** Through its Router, with the credentials; that one has to lead to the Overlord too. */
export function externalService(cluster: DruidCluster): ExternalService {
  return {
    ...{ id: 'druid-router', engine: 'druid', address: cluster.url, users: ['superset'] },
    insteadOf: ['zookeeper', ...druidServices],
    ready: readyBy(`GET ${cluster.url}/status`, async (signal) => {
      const client = new DruidClient(cluster)
      try {
        const version = await client.version(signal)
        await client.supervisorIds(signal)
        return `version ${version}`
      } finally {
        await client.close()
      }
    }),
  }
}

export function services(site: Site): ServiceDefinition[] {
  return [zookeeper(site), ...druidServices.map((id) => druidService(site, id))]
}
