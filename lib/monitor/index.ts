/**
 * The monitor: one loop that asks every engine how it is, in the order of the line, and makes of it the overview that
 * all viewers share. It only reads; what it says goes to the hub.
 */
import type { Logger } from 'pino'
import type { Config } from '#lib/config.ts'
import type { Engines } from '#lib/engines/registry.ts'
import type { LedgerKeeper } from '#lib/ledger/index.ts'
import { advance, type Flow, noFlow } from '#lib/pipeline/flow.ts'
import { endedStates } from '#lib/pipeline/run.ts'
import type { ConnectorSnapshot, Overview, RunSnapshot, StageSnapshot } from '#lib/pipeline/snapshot.ts'
import { type EngineId, engineIds, landingConnector } from '#lib/pipeline/stages.ts'
import type { Status } from '#lib/pipeline/status.ts'
import type { Replays } from '#lib/replay/index.ts'
import type { Stack } from '#lib/stack/index.ts'
import type { StaticData } from '#lib/statics/index.ts'
import { Landing } from './landing.ts'
import { Prober } from './prober.ts'
import { isPast, readings } from './readings.ts'
import { Rows } from './rows.ts'
import { stages } from './stages.ts'

export interface MonitorOptions {
  readonly config: Config
  readonly engines: Engines
  readonly stack: Pick<Stack, 'snapshot' | 'onChange'>
  readonly replays: Pick<Replays, 'list' | 'onChange'>
  readonly ledger: LedgerKeeper
  readonly statics: Pick<StaticData, 'snapshot' | 'onChange'>
  readonly log: Logger
}

/** How often each is asked. Mosquitto answers for nothing, Druid's answers cost the most. */
const paces = {
  mosquitto: { busyMs: 1_000, idleMs: 2_000 },
  kafka: { busyMs: 1_000, idleMs: 3_000 },
  connect: { busyMs: 1_000, idleMs: 4_000 },
  druid: { busyMs: 2_000, idleMs: 5_000 },
  // Nothing of the stream waits for these two.
  hive: { busyMs: 5_000, idleMs: 10_000 },
  superset: { busyMs: 5_000, idleMs: 10_000 },
} as const satisfies Record<EngineId, { busyMs: number; idleMs: number }>

const tickMs = 1_000
/** So long after the last message the line still counts as busy. */
const busyMs = 15_000
/** Members that differ only in when they were checked are told again this seldom. */
const retellMs = 5_000

const ofEngines = <T>(make: (id: EngineId) => T): Record<EngineId, T> =>
  Object.fromEntries(engineIds.map((id) => [id, make(id)])) as Record<EngineId, T>

/** Its parts are shown where they belong: connectors, supervisors. */
const shown = (status: Status | null): Status | null =>
  status && { state: status.state, reason: status.reason, since: status.since, checkedAt: status.checkedAt }

type Listener = (changes: Partial<Overview>) => void

export class Monitor {
  readonly #options: MonitorOptions
  readonly #probers: Readonly<Record<EngineId, Prober>>
  readonly #rows: Rows
  readonly #landing: Landing
  readonly #listeners = new Set<Listener>()
  readonly #closed = new AbortController()
  readonly #told = new Map<keyof Overview, { text: string; at: number }>()
  readonly #unsubscribes: (() => void)[] = []
  #timer: NodeJS.Timeout | null = null
  #flow: Flow = noFlow
  #flowOf: string | null = null
  #stages: readonly StageSnapshot[] = []

  constructor(options: MonitorOptions) {
    const { engines } = options
    this.#options = options
    this.#rows = new Rows(engines.druid)
    this.#landing = new Landing(engines.kafka)
    this.#probers = ofEngines((id) => new Prober(engines[id], paces[id]))
  }

  /** Begins to ask. Idempotent. */
  start(): void {
    if (this.#timer !== null || this.#closed.signal.aborted) return
    const { stack, replays, ledger, statics } = this.#options
    this.#unsubscribes.push(
      stack.onChange((snapshot) => this.#tell({ stack: snapshot })),
      replays.onChange((run) => this.#tellRun(run.id)),
      ledger.onChange(({ runId }) => this.#tellRun(runId)),
      statics.onChange((snapshot) => this.#tell({ statics: snapshot })),
    )
    this.#timer = setInterval(() => this.#tick(), tickMs).unref()
    this.#tick()
  }

  overview(): Overview {
    const { stack, engines, statics } = this.#options
    return {
      stack: stack.snapshot(),
      stages: this.#stages,
      engines: ofEngines((id) => shown(this.#probers[id].status)),
      connectors: this.#connectors(),
      supervisors: engines.druid.supervisors(),
      run: this.#run(),
      statics: statics.snapshot(),
    }
  }

  /** Called with the members that changed. Returns the unsubscribe. */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#closed.abort()
    if (this.#timer) clearInterval(this.#timer)
    for (const unsubscribe of this.#unsubscribes) unsubscribe()
    this.#listeners.clear()
  }

  /** Never waits: an engine that hangs must not hide the others. */
  #tick(): void {
    const signal = this.#closed.signal
    const run = this.#run()
    const traffic = this.#options.ledger.traffic()
    const busy = this.#isBusy(run, traffic?.lastAt ?? null)
    for (const id of engineIds) void this.#probers[id].refresh(busy, signal)
    void this.#rows.refresh(traffic?.records ?? 0, signal)
    void this.#landing.refresh(signal)
    if (run !== null) this.#options.ledger.track(run)
    this.#look(run)
    const { druid } = this.#options.engines
    const engines = ofEngines((id) => shown(this.#probers[id].status))
    this.#tell({ stages: this.#stages, engines, connectors: this.#connectors(), supervisors: druid.supervisors() })
  }

  #connectors(): readonly ConnectorSnapshot[] | null {
    const seen = this.#options.engines.connect.connectors()
    return (
      seen?.map((connector) => ({
        ...connector,
        behind: connector.name === landingConnector ? this.#landing.behind : null,
      })) ?? null
    )
  }

  #look(run: RunSnapshot | null): void {
    const now = Date.now()
    const { engines, ledger, stack } = this.#options
    // Other publishers may go on where the replay has ended.
    const counted = run !== null && isPast(run, ledger.traffic()?.lastAt ?? null) ? null : run
    const seen = readings(counted, { engines, ledger, rows: this.#rows })
    const flowOf = counted?.id ?? null
    // Another run counts from 0 again: comparing it with the last one would say nothing.
    if (flowOf !== this.#flowOf) this.#flow = noFlow
    this.#flowOf = flowOf
    this.#flow = advance(this.#flow, seen, now)
    const look = {
      run,
      comparable: counted !== null,
      readings: seen,
      flow: this.#flow,
      engines: ofEngines((id) => this.#probers[id].status),
      services: stack.snapshot().services,
      lastAt: { kafka: ledger.traffic()?.lastAt ?? null, druid: this.#rows.newestAt },
    }
    this.#stages = stages(look, this.#stages, now)
  }

  #isBusy(run: RunSnapshot | null, lastAt: number | null): boolean {
    const now = Date.now()
    const open = run !== null && !endedStates.includes(run.progress.state) && run.progress.state !== 'paused'
    const recent = Math.max(lastAt ?? 0, run?.progress.endedAt ?? 0)
    return (open && now - run.progress.updatedAt < busyMs) || now - recent < busyMs
  }

  /** The run under way, or the newest one, with its newest ledger. */
  #run(): RunSnapshot | null {
    const all = this.#options.replays.list()
    const run = all.find((r) => !endedStates.includes(r.progress.state)) ?? all[0] ?? null
    return run && { ...run, ledger: this.#options.ledger.current(run.id) ?? run.ledger }
  }

  #tellRun(id: string): void {
    const run = this.#run()
    if (run?.id === id) this.#tell({ run })
  }

  #tell(facts: Partial<Overview>): void {
    const now = Date.now()
    const changes = Object.entries(facts).filter(([name, value]) => {
      const member = name as keyof Overview
      const text = JSON.stringify(value, (key, inner: unknown) => (key === 'checkedAt' ? undefined : inner))
      const told = this.#told.get(member)
      if (told?.text === text && now - told.at < retellMs) return false
      this.#told.set(member, { text, at: now })
      return true
    })
    if (changes.length === 0) return
    const changed: Partial<Overview> = Object.fromEntries(changes)
    for (const listener of this.#listeners) listener(changed)
  }
}
