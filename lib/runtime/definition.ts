/**
 * One definition of each service: what runs, from what, and when it is ready. Both runtimes and the Compose file are made from it.
 * Engines supply it (`lib/engines/<engine>/services.ts`); nothing here knows an engine.
 */
import type { External } from '#lib/external.ts'
import type { EngineId, ServiceId } from '#lib/pipeline/stages.ts'
import type { SecretName } from '#lib/secrets.ts'

/** Where a definition is to run: the process runtime answers with loopback and folders, a container runtime with names and mounts. */
export interface Site {
  /** Host name by which other services reach this one. */
  host(service: ServiceId): string
  /** Host name that it announces as its own: of several replicas each has another. */
  ownHost(service: ServiceId): string
  /** Address the service itself listens on. */
  readonly bind: string
  port(name: PortName): number
  /** Where the console and its replays reach what a service offers under the port that is called like it. */
  reach(service: ServiceId): Address
  /** Where a service announces an address to its clients and programs of this machine reach it by another: a listener for that. Null where both are one. */
  outside(name: PortName): { readonly port: number; readonly announced: Address } | null
  /** Folder that survives restarts. */
  dataDir(service: ServiceId): string
  /** Folder of the rendered configuration; also the working directory. */
  confDir(service: ServiceId): string
  /** Folder of the launcher of children. */
  launcherDir(service: ServiceId): string
  /** Folder of the fetched artifact; it need not be there yet. */
  artifactDir(artifact: string): string
  /** How to run the native program of an artifact. Throws while the artifact is not there. */
  command(artifact: string): NativeCommand
  /** A secret of this stack, made when it is first asked for: for configuration files alone, never for a command line. */
  secret(name: SecretName): string
  /** SQLAlchemy URI of the PostgreSQL database for Superset's metadata, with its password; null for a file of its own. */
  readonly supersetDatabase: string | null
  /** Engines that run elsewhere: their addresses hold wherever the services are. */
  readonly external: External
}

export interface Address {
  readonly host: string
  readonly port: number
}

export interface NativeCommand {
  readonly command: string
  readonly env: Readonly<Record<string, string>>
  readonly version: string
}

export const portNames = [
  'console',
  'mosquitto',
  'zookeeper',
  'kafka',
  'kafka-controller',
  'connect',
  'druid-coordinator',
  'druid-broker',
  'druid-historical',
  'druid-middlemanager',
  'druid-router',
  'druid-metadata',
  'druid-peon',
  'hive',
  'superset',
] as const
export type PortName = (typeof portNames)[number]

export interface JvmSettings {
  readonly heapMb: number
  readonly directMb?: number
  /** False for data paths: stopping at C1 starts faster and costs peak speed. */
  readonly c1Only: boolean
  readonly jvmArgs: readonly string[]
}

/** A Java program; the runtime adds the JVM, the class path and the start archive. */
export interface JavaProgram extends JvmSettings {
  readonly kind: 'java'
  readonly mainClass: string
  /** Artifact folders whose jars, sorted by name, are the class path: a fixed order, which start archives need. */
  readonly jars: readonly string[]
  readonly args: readonly string[]
  /** For settings that a program takes from nowhere else. */
  readonly env?: Readonly<Record<string, string>>
  /**
   * Java programs that this one starts with its own class path (peons). The runtime puts an executable of the given name into the
   * site's folder for it, which stands in for `java`: it adds these settings and a start archive of their own.
   */
  readonly children?: JvmSettings & { readonly launcher: string }
}

export interface NativeProgram {
  readonly kind: 'native'
  /** Asked at each start, because definitions are made before artifacts are fetched. */
  readonly command: () => NativeCommand
  readonly args: readonly string[]
}

/** A file to write before the start: a template from `docker/<engine>/conf`, or `docker/base/conf` for all, with its `${names}` filled in. */
export interface ConfFile {
  /** Relative to `docker/`. */
  readonly template: string
  /** Relative to the conf folder. */
  readonly target: string
  readonly values: Readonly<Record<string, string | number>>
}

/** One question to a service and what came of it. */
export interface Readiness {
  readonly ready: boolean
  /** What is missing, in a few words; null exactly when it is ready. */
  readonly waitsFor: string | null
  /** What was asked, with the address, in the protocol's own words. */
  readonly asked: string
  /** The beginning of the answer; null when none came. */
  readonly answer: string | null
}

/**
 * What a service answers when it is well, so simple that a shell inside its container can ask it: its health check. `ready` knows more,
 * and asks from outside.
 */
export type Health =
  /** Every path answers with status 200. */
  | { readonly kind: 'http'; readonly port: PortName; readonly paths: readonly string[] }
  /** The first bytes of the answer, as hexadecimal digits, match. */
  | {
      readonly kind: 'bytes'
      readonly port: PortName
      readonly send: Buffer
      readonly bytes: number
      readonly answer: RegExp
    }
  /** A connection is taken. */
  | { readonly kind: 'open'; readonly port: PortName }

/** An engine that runs elsewhere, in the place of the services that Aviary would run. */
export interface ExternalService {
  /** Of those the one that is asked. */
  readonly id: ServiceId
  readonly engine: EngineId
  /** For people. */
  readonly address: string
  /** Services that use it: whoever starts one of them needs it too. */
  readonly users: readonly ServiceId[]
  /** All of the engine's that Aviary leaves out. */
  readonly insteadOf: readonly ServiceId[]
  /** Asks as a client does, with the credentials. Never throws. */
  ready(signal: AbortSignal): Promise<Readiness>
}

export interface ServiceDefinition {
  readonly id: ServiceId
  readonly engine: EngineId | 'zookeeper'
  /** Artifact ids it is made of; the first gives its version. */
  readonly artifacts: readonly string[]
  readonly version: string
  readonly ports: readonly PortName[]
  /** Resident memory to expect, for preflight and container limits. */
  readonly memoryMb: number
  /**
   * It cannot work without these: they are brought up with it, stopped after it, and waited for when it has died. They say nothing
   * about the order of a start: engines wait for each other by themselves, which is faster.
   */
  readonly needs: readonly ServiceId[]
  /** Ready before this one starts where both are brought up together: on the longest way to a working stack, and cores are few. */
  readonly startsAfter?: readonly ServiceId[]
  /** Stopped only after this one is gone, beyond `needs`. */
  readonly outlives: readonly ServiceId[]
  readonly files: readonly ConfFile[]
  /** Services whose data folders it reads or writes too. */
  readonly sharesData?: readonly ServiceId[]
  /** Several of it may run beside each other, each with a data folder of its own; what is shared stays shared. */
  readonly replicable?: boolean
  /** Writes more to its temporary folder than a container may keep in memory. */
  readonly spills?: boolean
  /** Runs to its end before the first start, while `doneWhen` does not exist in the data folder. */
  readonly prepare?: { readonly program: JavaProgram | NativeProgram; readonly doneWhen: string }
  readonly program: JavaProgram | NativeProgram
  /** How long a stop may take before SIGKILL. */
  readonly stopGraceMs: number
  /** Asks the service itself, over its protocol. Never throws. */
  ready(signal: AbortSignal): Promise<Readiness>
  readonly health: Health
}
