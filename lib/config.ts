/** The only reader of the environment. Checks everything once and lists all faults together. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { type PortName, portNames } from '#lib/runtime/definition.ts'

/** Defaults are the engines' own ports; where two of them clash, the less known one moved. */
const defaultPorts: Record<PortName, number> = {
  console: 4400,
  mosquitto: 1883,
  zookeeper: 2181,
  kafka: 9092,
  'kafka-controller': 9093,
  connect: 8083,
  'druid-coordinator': 8081,
  'druid-broker': 8082,
  'druid-historical': 8084,
  'druid-middlemanager': 8091,
  'druid-router': 8888,
  'druid-metadata': 1527,
  // First of the twenty ports that the ingestion tasks (peons) take.
  'druid-peon': 8100,
  hive: 10000,
  superset: 8088,
}

export const peonPorts = 20

export interface Config {
  /** Checkout that holds `docker/`, `app/` and `node_modules/`. */
  readonly rootDir: string
  /** Everything a stack writes, mode 0700. */
  readonly homeDir: string
  /** Fetched engines and start archives, shared by all checkouts. */
  readonly cacheDir: string
  /** Address of the console and of every service. */
  readonly host: string
  readonly ports: Readonly<Record<PortName, number>>
  readonly logLevel: string
  /** Java to prefer over the one on the search path. */
  readonly javaHome: string | null
  /** Folders with programs, as in PATH. */
  readonly searchPath: string
  /** Folders, beside the sample, whose files may be replayed from the browser. */
  readonly dataDirs: readonly string[]
  /** SQLAlchemy URI of a PostgreSQL database for Superset's metadata, with its password; null for a file of its own. */
  readonly supersetDatabase: string | null
}

export class ConfigError extends Error {
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(`The settings cannot be used:\n${faults.map((f) => `  - ${f}`).join('\n')}`)
    this.name = 'ConfigError'
    this.faults = faults
  }
}

const port = z.coerce.number().int().min(1).max(65_535)

/** The URI may hold a password, so a fault does not quote it. */
const postgresUri = z.string().regex(/^postgresql(\+psycopg2)?:\/\/[^\s'"\\]+\/[^\s'"\\]+$/)

/** `AVIARY_PORT_DRUID_BROKER` for `druid-broker`. */
export const portVariable = (name: PortName): string => `AVIARY_PORT_${name.toUpperCase().replaceAll('-', '_')}`

function readPorts(env: NodeJS.ProcessEnv, faults: string[]): Record<PortName, number> {
  const offset = z.coerce
    .number()
    .int()
    .min(0)
    .max(50_000)
    .safeParse(env.AVIARY_PORT_OFFSET ?? '0')
  if (!offset.success)
    faults.push(`AVIARY_PORT_OFFSET must be a whole number from 0 to 50000, not "${env.AVIARY_PORT_OFFSET}"`)
  const ports = { ...defaultPorts }
  for (const name of portNames) {
    const given = env[portVariable(name)]
    const parsed = port.safeParse(given ?? defaultPorts[name] + (offset.data ?? 0))
    if (parsed.success) ports[name] = parsed.data
    else faults.push(`${portVariable(name)} must be a port from 1 to 65535, not "${given}"`)
  }
  return ports
}

function clashes(ports: Record<PortName, number>): string[] {
  const span = (name: PortName) => (name === 'druid-peon' ? peonPorts : 1)
  return portNames.flatMap((a, i) =>
    portNames
      .slice(i + 1)
      .filter((b) => ports[a] < ports[b] + span(b) && ports[b] < ports[a] + span(a))
      .map((b) => `${portVariable(a)} and ${portVariable(b)} overlap at ${Math.max(ports[a], ports[b])}`),
  )
}

/** Throws ConfigError with every fault at once. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const faults: string[] = []
  const ports = readPorts(env, faults)
  faults.push(...clashes(ports))
  const level = z.enum(['trace', 'debug', 'info', 'warn', 'error']).safeParse(env.AVIARY_LOG_LEVEL ?? 'info')
  if (!level.success)
    faults.push(`AVIARY_LOG_LEVEL must be trace, debug, info, warn or error, not "${env.AVIARY_LOG_LEVEL}"`)
  const database = postgresUri.nullable().safeParse(env.AVIARY_SUPERSET_DATABASE || null)
  if (!database.success)
    faults.push('AVIARY_SUPERSET_DATABASE must be a URI like postgresql://USER:PASSWORD@HOST:5432/DATABASE')
  if (faults.length > 0) throw new ConfigError(faults)
  const rootDir = resolve(import.meta.dirname, '..')
  return {
    rootDir,
    homeDir: resolve(env.AVIARY_HOME ?? join(rootDir, '.aviary')),
    cacheDir: join(resolve(env.XDG_CACHE_HOME ?? join(homedir(), '.cache')), 'aviary'),
    // Services share no password yet, so nothing listens beyond loopback.
    host: '127.0.0.1',
    ports,
    logLevel: level.data ?? 'info',
    javaHome: env.JAVA_HOME ? resolve(env.JAVA_HOME) : null,
    searchPath: env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    dataDirs: (env.AVIARY_DATA_DIRS ?? '')
      .split(':')
      .filter(Boolean)
      .map((d) => resolve(d)),
    supersetDatabase: database.data ?? null,
  }
}
