/** The only reader of the environment, and of the settings beside it. Checks everything once and lists all faults together. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { type External, resolveExternal } from '#lib/external.ts'
import { type RuntimeKind, runtimeKinds } from '#lib/pipeline/stages.ts'
import { type PortName, portNames } from '#lib/runtime/definition.ts'
import { readSettings, settingsFile } from '#lib/settings.ts'
import { ImageList, type ImageSettings } from '#lib/vendor-images.ts'

/** Defaults are the engines' own ports; where two of them clash, the less known one moved. */
export const defaultPorts: Readonly<Record<PortName, number>> = {
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
  /** Address by which programs of this machine, or of this container, reach the console and every service. */
  readonly host: string
  /** Address on which the console listens. */
  readonly listen: string
  /** The console runs in a container on the services' own network (`docker/console`): there it reaches them by their names. */
  readonly inside: boolean
  /** Compose project of the services; null for one that is made from the home. */
  readonly project: string | null
  readonly ports: Readonly<Record<PortName, number>>
  readonly logLevel: string
  /** Where Docker's own client would look for an engine. */
  readonly docker: DockerPlaces
  /** What is to run the services, as the environment says, else the settings; null where neither does. */
  readonly runtime: { readonly kind: RuntimeKind; readonly why: 'environment' | 'settings' } | null
  /** Engines that run elsewhere. */
  readonly external: External
  /** Images of vendors that run a service instead of ours, as the settings say. */
  readonly images: ImageSettings
  /** What a gate lets its console pull and run beside our own images: told to the gate itself, as the settings are the console's. */
  readonly gateImages: readonly string[]
  /** Java to prefer over the one on the search path. */
  readonly javaHome: string | null
  /** Folders with programs, as in PATH. */
  readonly searchPath: string
  /** Folders, beside the sample, whose files may be replayed from the browser. */
  readonly dataDirs: readonly string[]
  /** SQLAlchemy URI of a PostgreSQL database for Superset's metadata, with its password; null for a file of its own. */
  readonly supersetDatabase: string | null
}

export interface DockerPlaces {
  /** DOCKER_HOST, DOCKER_CONTEXT and DOCKER_CERT_PATH; with DOCKER_TLS_VERIFY alone the certificates are among the client's settings. */
  readonly host: string | null
  readonly context: string | null
  readonly certDir: string | null
  /** Folder of the client's settings and contexts. */
  readonly clientDir: string
  /** Where an engine without root listens; it need not be there. */
  readonly rootlessSocket: string | null
}

function dockerPlaces(env: NodeJS.ProcessEnv): DockerPlaces {
  const clientDir = env.DOCKER_CONFIG || join(homedir(), '.docker')
  return {
    host: env.DOCKER_HOST || null,
    context: env.DOCKER_CONTEXT || null,
    certDir: env.DOCKER_CERT_PATH || (env.DOCKER_TLS_VERIFY ? clientDir : null),
    clientDir,
    rootlessSocket: env.XDG_RUNTIME_DIR ? join(env.XDG_RUNTIME_DIR, 'docker.sock') : null,
  }
}

export class ConfigError extends Error {
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(`The settings cannot be used:\n${faults.map((f) => `  - ${f}`).join('\n')}`)
    this.name = 'ConfigError'
    this.faults = faults
  }
}

const projectName = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/)

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

const wanted = <W>(kind: RuntimeKind | null | undefined, why: W) => (kind ? { kind, why } : null)

/** Throws ConfigError with every fault at once. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const faults: string[] = []
  const ports = readPorts(env, faults)
  faults.push(...clashes(ports))
  const level = z.enum(['trace', 'debug', 'info', 'warn', 'error']).safeParse(env.AVIARY_LOG_LEVEL ?? 'info')
  if (!level.success)
    faults.push(`AVIARY_LOG_LEVEL must be trace, debug, info, warn or error, not "${env.AVIARY_LOG_LEVEL}"`)
  const runtime = z
    .enum(runtimeKinds)
    .nullable()
    .safeParse(env.AVIARY_RUNTIME || null)
  if (!runtime.success) faults.push(`AVIARY_RUNTIME must be ${runtimeKinds.join(' or ')}, not "${env.AVIARY_RUNTIME}"`)
  const inside = z.enum(['true', 'false']).safeParse(env.AVIARY_INSIDE || 'false')
  if (!inside.success) faults.push(`AVIARY_INSIDE must be true or false, not "${env.AVIARY_INSIDE}"`)
  const project = projectName.nullable().safeParse(env.AVIARY_PROJECT || null)
  if (!project.success)
    faults.push(`AVIARY_PROJECT must be of lower-case letters, digits and dashes, not "${env.AVIARY_PROJECT}"`)
  const gateImages = ImageList.safeParse(env.AVIARY_IMAGES ?? '')
  if (!gateImages.success) faults.push('AVIARY_IMAGES must be images with tags or digests, separated by blanks')
  const database = postgresUri.nullable().safeParse(env.AVIARY_SUPERSET_DATABASE || null)
  if (!database.success)
    faults.push('AVIARY_SUPERSET_DATABASE must be a URI like postgresql://USER:PASSWORD@HOST:5432/DATABASE')
  const rootDir = resolve(import.meta.dirname, '..')
  const homeDir = resolve(env.AVIARY_HOME ?? join(rootDir, '.aviary'))
  const chosen = readSettings(homeDir)
  const { external, faults: unusable } = resolveExternal(chosen.settings.external ?? {}, homeDir)
  faults.push(...chosen.faults, ...unusable.map((fault) => `${settingsFile(homeDir)}: ${fault}`))
  if (faults.length > 0) throw new ConfigError(faults)
  return {
    rootDir,
    homeDir,
    cacheDir: join(resolve(env.XDG_CACHE_HOME ?? join(homedir(), '.cache')), 'aviary'),
    // Services share no password yet, so nothing listens beyond loopback.
    host: '127.0.0.1',
    // What leads to the port of a container comes from its network.
    listen: inside.data === 'true' ? '0.0.0.0' : '127.0.0.1',
    inside: inside.data === 'true',
    project: project.data ?? null,
    ports,
    logLevel: level.data ?? 'info',
    docker: dockerPlaces(env),
    runtime: wanted(runtime.data, 'environment') ?? wanted(chosen.settings.runtime, 'settings'),
    external,
    images: chosen.settings.images ?? {},
    gateImages: gateImages.data ?? [],
    javaHome: env.JAVA_HOME ? resolve(env.JAVA_HOME) : null,
    searchPath: env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    dataDirs: (env.AVIARY_DATA_DIRS ?? '')
      .split(':')
      .filter(Boolean)
      .map((d) => resolve(d)),
    supersetDatabase: database.data ?? null,
  }
}
