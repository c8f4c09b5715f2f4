/**
 * The one console of this process, as pages and route handlers see it. Types only, so that Next bundles nothing of what
 * stands behind; `lib/compose.ts` builds it. The slot is on `globalThis` because server and Next load this file twice.
 */
import type { Logger } from 'pino'
import type { Auth } from '#lib/auth/index.ts'
import type { Config } from '#lib/config.ts'
import type { Engines } from '#lib/engines/registry.ts'
import type { LedgerKeeper } from '#lib/ledger/index.ts'
import type { TapSource } from '#lib/live/events.ts'
import type { Hub } from '#lib/live/hub.ts'
import type { TapFeed } from '#lib/messages/feed.ts'
import type { Monitor } from '#lib/monitor/index.ts'
import type { Personality } from '#lib/personality/index.ts'
import type { RuntimeKind, ServiceId } from '#lib/pipeline/stages.ts'
import type { Queries } from '#lib/query/index.ts'
import type { Replays } from '#lib/replay/index.ts'
import type { Runtime } from '#lib/runtime/runtime.ts'
import type { Stack } from '#lib/stack/index.ts'
import type { StaticData } from '#lib/statics/index.ts'
import type { Store } from '#lib/store/index.ts'

export interface Console {
  readonly config: Config
  readonly log: Logger
  readonly store: Store
  readonly auth: Auth
  readonly runtime: Runtime
  readonly engines: Engines
  readonly stack: Stack
  readonly replays: Replays
  readonly ledger: LedgerKeeper
  readonly statics: StaticData
  readonly personality: Personality
  readonly queries: Queries
  readonly monitor: Monitor
  readonly hub: Hub
  readonly feeds: Readonly<Record<TapSource, TapFeed>>
  /** Resolves when everything asked for works; then the runs that a stop has suspended go on. Rejects like `Stack.up`. */
  startAll(options: { readonly only?: readonly ServiceId[] }): Promise<void>
  /** Suspends the replays under way, then stops the services. `purge` deletes the services' data too, and so ends the replays. */
  stopAll(options: { readonly purge?: boolean }): Promise<void>
  /** Writes it into the settings and begins anew. Throws Problem 409 while services run, or when the environment says what runs them. */
  chooseRuntime(kind: RuntimeKind): Promise<void>
  /** Leaves services and replays running. */
  close(): Promise<void>
}

const slot = Symbol.for('aviary.console')
type Slot = { [slot]?: Promise<Console> }

/** Rejects when this process is no console, or when building it failed. */
export function getConsole(): Promise<Console> {
  return (globalThis as Slot)[slot] ?? Promise.reject(new Error('No console has been started in this process'))
}

/** Called once, by the server, before it takes requests. */
export function provideConsole(console: Promise<Console>): void {
  ;(globalThis as Slot)[slot] = console
}
