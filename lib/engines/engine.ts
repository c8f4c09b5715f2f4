/** The contract that every engine fulfils; `engine.contract.ts` holds the cases that prove it. */
import type { TapMessage } from '#lib/pipeline/message.ts'
import type { EngineId } from '#lib/pipeline/stages.ts'
import type { Status } from '#lib/pipeline/status.ts'

/** A named part of an engine with a state of its own: a connector's task, a supervisor, a topic. */
export interface PartStatus extends Status {
  readonly part: string
}

export interface EngineStatus extends Status {
  readonly engine: EngineId
  readonly parts: readonly PartStatus[]
  /**
   * Waiting for it to be up may never end: somebody has paused it, so that only they can change its state, or it does its part while
   * something of it is away that is not ours to start.
   */
  readonly held: boolean
}

/** One thing that provisioning looked at; `unchanged` on every later run. */
export interface Change {
  readonly engine: EngineId
  /** What it is in the engine's own words: `topic tweets`, `connector tweets-source`. */
  readonly subject: string
  readonly action: 'created' | 'updated' | 'unchanged'
}

export interface TapRequest {
  readonly topic: string
  readonly onMessage: (message: TapMessage) => void
  /** Called once when the tap ends by a fault; after `close()` never. */
  readonly onEnd: (error: Error) => void
}

/** A live read of a topic. */
export interface Tap {
  close(): Promise<void>
}

export interface Engine {
  readonly id: EngineId
  /** Never throws; "could not ask" is `unknown`, "nothing listens there" is `down` with the reason. */
  probe(signal: AbortSignal): Promise<EngineStatus>
  /** Idempotent. Throws EngineError. */
  provision(signal: AbortSignal): Promise<Change[]>
  tap?(request: TapRequest): Promise<Tap>
  /** The watchdog, every few seconds while the stack runs: mends what does not mend itself. Returns what it has restarted. */
  heal?(signal: AbortSignal): Promise<string[]>
  close(): Promise<void>
}
