/** What the console shows, as data: written by the server's monitor and stack, read by components and the command line. */
import type { Ledger } from './ledger.ts'
import type { RunOptions, RunProgress } from './run.ts'
import type { EngineId, RuntimeKind, ServiceId, StageId } from './stages.ts'
import type { StaticSnapshot } from './statics.ts'
import type { Status } from './status.ts'

export type ServicePhase = 'stopped' | 'waiting' | 'starting' | 'ready' | 'stopping' | 'failed'

/** The last question whether a service is ready. */
export interface ProbeSnapshot {
  readonly asked: string
  /** The beginning of the answer; null when none came. */
  readonly answer: string | null
  readonly checkedAt: number
}

export interface ServiceSnapshot {
  readonly id: ServiceId
  readonly engine: EngineId | 'zookeeper'
  /** What runs it; `external`: not Aviary. */
  readonly runtime: RuntimeKind | 'external'
  /** Where it is when it is not Aviary that runs it; null otherwise. */
  readonly address: string | null
  /** What it is made of. */
  readonly artifacts: readonly string[]
  /** What its container was made from; null where there is no container. */
  readonly image: string | null
  readonly phase: ServicePhase
  readonly status: Status
  /** What a waiting or starting service waits for; null otherwise. */
  readonly waitsFor: string | null
  /** null until it has been asked once. */
  readonly probe: ProbeSnapshot | null
  /** Without these it cannot work. */
  readonly needs: readonly ServiceId[]
  /** Those that suffer when it is stopped. */
  readonly dependents: readonly ServiceId[]
  readonly version: string
  /** Process or container id. */
  readonly handle: string | null
  readonly startedAt: number | null
  /** Restarts after crashes, counted since `restartsSince`: when a person started it, or when this console found it running. */
  readonly restarts: number
  readonly restartsSince: number | null
  /** When the next restart is tried; null when none is planned. */
  readonly restartAt: number | null
  /** Its last end that nobody asked for, also when it runs again; null when a person has started or stopped it since. */
  readonly exit: { readonly code: number | null; readonly signal: string | null; readonly at: number } | null
  /** The last log lines before that end. */
  readonly lastLog: readonly string[]
  readonly ports: readonly { readonly name: string; readonly port: number }[]
  /** null while it does not run or could not be measured. */
  readonly cpuPercent: number | null
  readonly rssBytes: number | null
  /** How many run, are to run, and can; null where it is always one. */
  readonly replicas: { readonly running: number; readonly wanted: number; readonly most: number } | null
}

/** What runs the services, and why that and not another. */
export interface RuntimeChoice {
  readonly kind: RuntimeKind
  /** Told by the environment; written in the settings; it has the stack's data; an engine answers; none does. */
  readonly why: 'environment' | 'settings' | 'data' | 'engine' | 'no-engine'
  /** Why there is no engine to use, in the runtime's own words; null where there is one or nobody has asked. */
  readonly detail: string | null
}

export type StackPhase =
  | 'stopped'
  | 'preparing'
  | 'starting'
  | 'provisioning'
  | 'ready'
  | 'degraded'
  /** What the services run on does not answer: what of them runs is not known. */
  | 'away'
  | 'stopping'
  | 'failed'

/** Bringing the stack up, services apart: fetch what they are made of, build images of it where they run in containers, make each engine hold what the pipeline needs, wait until it works. */
export type StackStepKind = 'fetch' | 'build' | 'provision' | 'works'

export interface StackStep {
  readonly id: string
  readonly kind: StackStepKind
  /** The artifact's, the image's or the engine's id. */
  readonly of: string
  readonly state: 'pending' | 'running' | 'done' | 'failed'
  /** In the engine's own words; not translated. */
  readonly detail: string | null
  readonly doneBytes: number | null
  readonly totalBytes: number | null
  readonly remainingSeconds: number | null
}

/** A reason not to start, with what to do about it. */
export interface PreflightFault {
  readonly subject: string
  readonly problem: string
  readonly remedy: string
}

export interface StackSnapshot {
  readonly phase: StackPhase
  /** null before the console has said it. */
  readonly runtime: RuntimeChoice | null
  readonly services: readonly ServiceSnapshot[]
  readonly steps: readonly StackStep[]
  readonly faults: readonly PreflightFault[]
  readonly startedAt: number | null
  /** ms from the start to ready; null while it is not. */
  readonly readyAfterMs: number | null
  /** Why the phase is `failed`, `degraded` or `away`. */
  readonly reason: string | null
}

/** One place on the line. Every figure is null where it could not be asked. */
export interface StageSnapshot {
  readonly id: StageId
  readonly status: Status
  /** Messages this stage has counted since `countSince`. */
  readonly count: number | null
  /** ms since the epoch; null when it counts from the beginning of its data. */
  readonly countSince: number | null
  /** Messages a second over the last seconds. */
  readonly rate: number | null
  /** When the newest message passed, ms since the epoch. */
  readonly lastMessageAt: number | null
  /** Messages that the stage before has and this one does not have yet. */
  readonly backlog: number | null
}

export interface ConnectorSnapshot {
  readonly name: string
  /** Connect's own word: a source writes into Kafka, a sink reads from it. */
  readonly type: 'source' | 'sink' | 'unknown'
  readonly status: Status
  /** Connect's own word: RUNNING, PAUSED, STOPPED, FAILED, UNASSIGNED, RESTARTING. */
  readonly state: string
  readonly tasks: readonly { readonly id: number; readonly state: string; readonly trace: string | null }[]
  /** Records in Kafka that a sink has not passed on for good; null for others, and where it could not be asked. */
  readonly behind: number | null
}

export interface SupervisorSnapshot {
  readonly id: string
  readonly status: Status
  /** Druid's own words. */
  readonly state: string
  readonly detailedState: string
  readonly activeTasks: number
  readonly partitions: readonly {
    readonly partition: number
    readonly offset: string | null
    readonly latest: string | null
    readonly lag: number | null
  }[]
  readonly aggregateLag: number | null
  readonly offsetsAt: number | null
  readonly recentErrors: readonly { readonly at: number | null; readonly message: string }[]
}

export interface RunSnapshot {
  readonly id: string
  readonly options: RunOptions
  readonly createdAt: number
  readonly progress: RunProgress
  /** null until it has been counted once. */
  readonly ledger: Ledger | null
}

/** Everything the overview needs. Sent whole on subscription, then by its changed members. */
export interface Overview {
  readonly stack: StackSnapshot
  readonly stages: readonly StageSnapshot[]
  /** As each engine's last probe found it; null before the first. */
  readonly engines: Readonly<Record<EngineId, Status | null>>
  /** null: could not be asked. Empty: there is none. */
  readonly connectors: readonly ConnectorSnapshot[] | null
  readonly supervisors: readonly SupervisorSnapshot[] | null
  /** The newest run, or the one under way. */
  readonly run: RunSnapshot | null
  readonly statics: StaticSnapshot
}

/** What there is to tell before anything has been asked. */
export const nothingKnown: Overview = {
  stack: {
    phase: 'stopped',
    runtime: null,
    services: [],
    steps: [],
    faults: [],
    startedAt: null,
    readyAfterMs: null,
    reason: null,
  },
  stages: [],
  engines: { mosquitto: null, kafka: null, connect: null, druid: null, hive: null, superset: null },
  connectors: null,
  supervisors: null,
  run: null,
  statics: { tables: null, lookups: 'unknown', load: null },
}
