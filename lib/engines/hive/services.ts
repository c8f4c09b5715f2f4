/** Hive as a service: HiveServer2 with its metastore (Derby) and Tez inside one process. */
import { EngineError } from '#lib/engines/errors.ts'
import { explainSilence, isReady, notReady } from '#lib/runtime/ask.ts'
import type { Readiness, ServiceDefinition, Site } from '#lib/runtime/definition.ts'
import { type HiveAddress, HiveSession, owner } from './wire.ts'

/** Matches docker/hive/pom.xml. */
const hiveVersion = '4.0.1'

const packages = ['lang', 'lang.reflect', 'io', 'net', 'nio', 'time', 'text']
const utilPackages = ['util', 'util.concurrent', 'util.concurrent.atomic', 'util.regex']
/** Hive reflects on the JDK's own classes: without `java.net` it hangs, without the others queries fail. */
const moduleArgs = [
  ...[...packages, ...utilPackages].map((name) => `java.base/java.${name}`),
  ...['java.base/sun.nio.ch', 'java.base/jdk.internal.ref', 'java.sql/java.sql'],
].map((name) => `--add-opens=${name}=ALL-UNNAMED`)

/** A session is opened only when the metastore answers too. */
async function ready(address: HiveAddress, signal: AbortSignal): Promise<Readiness> {
  const place = `${address.host}:${address.port}`
  const asked = `OpenSession ${place}`
  try {
    const session = await HiveSession.open(address, { user: owner, database: null }, signal)
    session.end()
    return isReady(asked, 'SUCCESS')
  } catch (error) {
    if (error instanceof EngineError && error.code !== 'unreachable')
      return notReady(error.message, asked, error.code === 'timeout' ? null : error.message)
    return notReady(explainSilence(error instanceof EngineError ? error.cause : error, place), asked, null)
  }
}

export function services(site: Site): ServiceDefinition[] {
  const port = site.port('hive')
  const dataDir = site.dataDir('hive')
  const confDir = site.confDir('hive')
  return [
    {
      id: 'hive',
      engine: 'hive',
      artifacts: ['hive'],
      version: hiveVersion,
      ports: ['hive'],
      memoryMb: 800,
      needs: [],
      // Nothing of the stream waits for it.
      startsAfter: ['druid-router'],
      outlives: [],
      // Sessions copy Hive's largest jar there, queries sort there.
      spills: true,
      files: [
        { template: 'hive/conf/hive-site.xml', target: 'hive-site.xml', values: { bind: site.bind, port, dataDir } },
        { template: 'hive/conf/log4j2.xml', target: 'log4j2.xml', values: {} },
      ],
      program: {
        kind: 'java',
        mainClass: 'org.apache.hive.service.server.HiveServer2',
        jars: ['hive'],
        heapMb: 512,
        c1Only: false,
        jvmArgs: [
          ...moduleArgs,
          // Long lists and deep expressions are compiled recursively, by threads of Hive's and of Tez's.
          '-Xss4m',
          `-Dhive.log4j.file=${confDir}/log4j2.xml`,
          '-Dlog4j2.configurationFile=log4j2.xml',
          '-Dlog4j2.disableJmx=true',
          `-Dderby.system.home=${dataDir}`,
          '-Dderby.stream.error.field=java.lang.System.err',
        ],
        args: [],
        // Otherwise it looks for its settings on the class path alone, where a folder would make start archives useless.
        env: { HIVE_CONF_DIR: confDir },
      },
      // It does not end while a query runs. Killing it loses nothing that was committed: Derby recovers at the next start.
      stopGraceMs: 15_000,
      // It opens its port last.
      health: { kind: 'open', port: 'hive' },
      ready: (signal) => ready(site.reach('hive'), signal),
    },
  ]
}
