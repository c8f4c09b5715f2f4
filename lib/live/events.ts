/** Names and payloads of everything that travels over the websocket. Shared by server and browser. */
import type { TapMessage } from '#lib/pipeline/message.ts'
import type { Overview } from '#lib/pipeline/snapshot.ts'

/** Facts come as one whole, then as numbered deltas; a gap in `seq` means: ask for the whole again. */
export interface OverviewDelta {
  readonly seq: number
  readonly at: number
  /** Only the members that changed. */
  readonly changes: Partial<Overview>
}

export interface OverviewWhole {
  readonly seq: number
  readonly at: number
  readonly overview: Overview
}

export type TapSource = 'mosquitto' | 'kafka'

export interface TapBatch {
  readonly source: TapSource
  /** Numbers the batches of this source, so that gaps show. */
  readonly seq: number
  readonly messages: readonly TapMessage[]
  /** Messages that passed in this interval, shown or not: the honest "n of m". */
  readonly passed: number
  readonly intervalMs: number
}

export interface TapState {
  readonly source: TapSource
  readonly state: 'open' | 'connecting' | 'closed'
  readonly reason: string | null
}

/** An answer to a command sent by socket; HTTP carries the others. */
export type Ack = (reply: { ok: true } | { ok: false; error: string }) => void

export interface ServerToClient {
  'overview:whole': (payload: OverviewWhole) => void
  'overview:delta': (payload: OverviewDelta) => void
  'tap:batch': (payload: TapBatch) => void
  'tap:state': (payload: TapState) => void
  /** The session ended or lost its role: the page must ask for a new link. */
  'session:end': (payload: { reason: string }) => void
}

export interface ClientToServer {
  /** Asked again after a gap it brings a new whole, once a second at most: the next one then comes a little later. */
  'overview:subscribe': (ack: Ack) => void
  'overview:unsubscribe': () => void
  'tap:open': (source: TapSource, ack: Ack) => void
  'tap:close': (source: TapSource) => void
}

/** Batches leave this often at most. */
export const batchMs = 200
/** Messages of one batch that are sent whole; more are only counted. */
export const batchMessages = 20
