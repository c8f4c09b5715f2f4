/** What runs services: processes, containers, or the services of a swarm. */
import type { ArtifactId } from '#lib/artifacts/index.ts'
import type { PreflightFault } from '#lib/pipeline/snapshot.ts'
import type { RuntimeKind, ServiceId } from '#lib/pipeline/stages.ts'
import type { ServiceDefinition } from './definition.ts'

export interface ServiceExit {
  /** null when a signal ended it, or when it ended while nobody watched and left no record. */
  readonly code: number | null
  readonly signal: string | null
  readonly at: number
}

/** What the runtime knows of a service from the outside. */
export interface Instance {
  readonly service: ServiceId
  readonly state: 'running' | 'exited' | 'absent'
  /** Process id or container id, for people. */
  readonly handle: string | null
  /** ms since the epoch. */
  readonly startedAt: number | null
  readonly exit: ServiceExit | null
  /** What its container was made from; processes have none. */
  readonly image?: string
}

export interface ServiceStats {
  /** Percent of one core since the last reading. */
  readonly cpuPercent: number
  readonly rssBytes: number
  /** Of a runtime that can run several of one service. */
  readonly replicas?: Replicas
}

export interface Replicas {
  readonly wanted: number
  readonly running: number
}

export interface LogOptions {
  /** Last lines to begin with. */
  readonly tail: number
  readonly follow: boolean
  /** Of the last lines only those written since then, ms since the epoch. */
  readonly since?: number
}

export interface StartProgress {
  readonly service: ServiceId
  readonly step: string
}

/** Something that services run from is being made; `of` names it, `detail` is in the tool's own words. */
export interface PrepareProgress {
  readonly of: string
  readonly state: 'pending' | 'running' | 'done'
  readonly detail: string | null
  /** Of the layer under way, while one is fetched. */
  readonly doneBytes: number | null
  readonly totalBytes: number | null
}

export interface Runtime {
  readonly kind: RuntimeKind
  /** Why what it runs services on cannot be asked now, with what to do; null while it answers. Left out where nothing can be away. */
  readonly away?: string | null
  /** Called when `away` has become another. Returns the unsubscribe. */
  onAway?(listener: () => void): () => void
  /** What of the runtime itself would keep these services from starting, each with what to do. Never rejects. */
  faults(services: readonly ServiceDefinition[]): Promise<readonly PreflightFault[]>
  /** Artifacts that must be fetched before these services can be prepared. */
  missingArtifacts(services: readonly ServiceDefinition[]): Promise<readonly ArtifactId[]>
  /** Makes what these services run from, their artifacts being there. Idempotent. */
  prepare(
    services: readonly ServiceDefinition[],
    onProgress: (p: PrepareProgress) => void,
    signal: AbortSignal,
  ): Promise<void>
  /** Returns when the service has been started, not when it is ready. Idempotent: a running one is left alone. */
  start(service: ServiceDefinition, onProgress: (p: StartProgress) => void, signal: AbortSignal): Promise<void>
  /** SIGTERM, then SIGKILL after the service's grace; nothing of it is left. Idempotent. Aborting ends the waiting only. */
  stop(service: ServiceDefinition, signal: AbortSignal): Promise<void>
  /** Deletes what a stopped service keeps between runs. Idempotent. */
  purge(service: ServiceId): Promise<void>
  /** How many of a replicable service it can run; left out where that is one. */
  readonly mostReplicas?: number
  /** So many run from now on, and after later starts. Resolves once that is on its way. */
  scale?(service: ServiceDefinition, replicas: number): Promise<void>
  /** Replaces a running service by what it is defined as now, replica by replica; without it, it is stopped and started. */
  update?(service: ServiceDefinition, onProgress: (p: StartProgress) => void, signal: AbortSignal): Promise<void>
  inspect(): Promise<Map<ServiceId, Instance>>
  /** Log lines, oldest first; ends when `signal` aborts, or at the end of the log when not following. */
  logs(service: ServiceId, options: LogOptions, signal: AbortSignal): AsyncIterable<string>
  /** Resolves to where the running service finds the files of a folder of this machine; it may delete them. */
  lend(service: ServiceId, folder: string, signal: AbortSignal): Promise<string>
  /** null when the service does not run. */
  stats(service: ServiceId): Promise<ServiceStats | null>
  /** Called within 2 s of an exit that nobody asked for. Returns the unsubscribe. */
  onExit(listener: (instance: Instance) => void): () => void
  close(): Promise<void>
}
