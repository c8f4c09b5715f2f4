/** ZooKeeper as a service: where Druid's services find each other. */
import { askBytes, explainSilence, isReady, notReady } from '#lib/runtime/ask.ts'
import type { Address, Readiness, ServiceDefinition, Site } from '#lib/runtime/definition.ts'

/** Comes with Druid; matches docker/druid/artifacts.lock. */
const zookeeperVersion = '3.8.4'

async function zookeeperReady({ host, port }: Address, signal: AbortSignal): Promise<Readiness> {
  const asked = `ruok ${host}:${port}`
  const question = { host, port, send: Buffer.from('ruok'), enough: (answer: Buffer) => answer.length >= 4 }
  try {
    const answer = (await askBytes(question, signal)).toString('latin1')
    return answer === 'imok'
      ? isReady(asked, answer)
      : notReady(`ZooKeeper answers "${answer.slice(0, 60)}" instead of "imok"`, asked, answer)
  } catch (error) {
    return notReady(explainSilence(error, `${host}:${port}`), asked, null)
  }
}

export function zookeeper(site: Site): ServiceDefinition {
  const port = site.port('zookeeper')
  return {
    id: 'zookeeper',
    engine: 'zookeeper',
    artifacts: ['druid'],
    version: zookeeperVersion,
    ports: ['zookeeper'],
    memoryMb: 100,
    needs: [],
    outlives: [],
    files: [
      {
        template: 'zookeeper/conf/zoo.cfg',
        target: 'zoo.cfg',
        values: { bind: site.bind, port, dataDir: site.dataDir('zookeeper') },
      },
      { template: 'zookeeper/conf/log4j2.xml', target: 'log4j2.xml', values: {} },
    ],
    program: {
      kind: 'java',
      mainClass: 'org.apache.zookeeper.server.quorum.QuorumPeerMain',
      jars: ['druid'],
      heapMb: 48,
      c1Only: true,
      jvmArgs: [
        '-Dlog4j2.configurationFile=log4j2.xml',
        '-Dlog4j2.disableJmx=true',
        '-Dzookeeper.jmx.log4j.disable=true',
      ],
      args: ['zoo.cfg'],
    },
    stopGraceMs: 10_000,
    health: { kind: 'bytes', port: 'zookeeper', send: Buffer.from('ruok'), bytes: 4, answer: /^696d6f6b$/ },
    ready: (signal) => zookeeperReady(site.reach('zookeeper'), signal),
  }
}
