/**
 * Replays: from a tweets file to the MQTT topic, each run in a process of its own. The console starts and steers
 * them; they live on when it ends, and it finds them again. One run at a time, because the line shows one.
 */
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '#lib/config.ts'
import type { Ledger } from '#lib/pipeline/ledger.ts'
import {
  Bounds,
  type BoundsChange,
  endedStates,
  RunOptions,
  type RunProgress,
  type Schedule,
} from '#lib/pipeline/run.ts'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import {
  beginning,
  newRunId,
  type ReplayParts,
  requireAhead,
  requireOrder,
  requireStartable,
  setupOf,
} from './beginning.ts'
import { ReplayError } from './errors.ts'
import { type Control, RunFolder, type RunSetup } from './folder.ts'
import { Keeper, programIn } from './keeper.ts'

export type { ReplayTuning } from './beginning.ts'

/** Remembers runs beyond their folders. */
export interface RunRepository {
  save(run: RunSnapshot): Promise<void>
  list(): Promise<RunSnapshot[]>
}

const suspendedReason = 'The stack is stopped. The run goes on when it is started again.'

interface Kept {
  run: RunSnapshot
  readonly folder: RunFolder
  keeper: Keeper | null
}

export class Replays {
  readonly #config: Config
  readonly #repository: RunRepository
  readonly #log: Logger
  readonly #setupOf: (run: Pick<RunSetup, 'id' | 'createdAt' | 'options'>) => RunSetup
  readonly #runs = new Map<string, Kept>()
  readonly #listeners = new Set<(run: RunSnapshot) => void>()

  constructor(parts: ReplayParts & { readonly repository: RunRepository; readonly log: Logger }) {
    this.#config = parts.config
    this.#repository = parts.repository
    this.#log = parts.log
    this.#setupOf = (run) => setupOf(parts, run)
  }

  /** Starts a run in its own process. Throws ReplayError `busy`, `file` or `invalid`. */
  async start(given: RunOptions): Promise<RunSnapshot> {
    const options = RunOptions.parse(given)
    requireStartable(options, this.list())
    const createdAt = Date.now()
    const id = newRunId(createdAt)
    const folder = new RunFolder(join(this.#config.homeDir, 'runs', id))
    mkdirSync(folder.path, { recursive: true, mode: 0o700 })
    folder.writeSetup(this.#setupOf({ id, createdAt, options }))
    folder.writeControl({ version: 1, state: 'running', schedule: options.schedule, seek: null })
    const run = { id, options, createdAt, progress: beginning(id, createdAt), ledger: null }
    const kept: Kept = { run, folder, keeper: null }
    this.#runs.set(id, kept)
    await this.#save(kept)
    await this.#keep(kept).catch((error) => this.#broken(kept, error))
    return kept.run
  }

  /** Newest first. */
  list(): RunSnapshot[] {
    return [...this.#runs.values()].map((kept) => kept.run).sort((a, b) => b.createdAt - a.createdAt)
  }

  get(id: string): RunSnapshot | null {
    return this.#runs.get(id)?.run ?? null
  }

  /** Sends nothing new until resumed. These six throw ReplayError `missing` or `ended`. */
  async pause(id: string): Promise<void> {
    this.#steer(id, () => ({ state: 'paused' }))
  }

  async resume(id: string): Promise<void> {
    this.#steer(id, () => ({ state: 'running' }))
  }

  /** Ends the run for good, once what it has sent is confirmed or ten seconds have passed. */
  async stop(id: string): Promise<void> {
    this.#steer(id, () => ({ state: 'stopped' }))
    // A suspended run has no process that could obey: one is started, and ends it.
    const kept = this.#runs.get(id)
    if (kept !== undefined && kept.keeper === null) await this.#goOn(kept)
  }

  /** The new schedule begins when the process has seen it, within a quarter of a second. */
  async setSchedule(id: string, schedule: Schedule): Promise<void> {
    requireOrder(this.#find(id).run.options.mode, schedule)
    this.#steer(id, () => ({ schedule }))
  }

  /** Goes on at `index` (0-based) of the run's order: the file's tweets, the shuffled ones, or the draws. */
  async seek(id: string, index: number): Promise<void> {
    this.#steer(id, ({ version }) => ({ seek: { version: version + 1, index } }))
  }

  /**
   * A loop that is turned off ends with the pass under way; a limit must not lie below what is sent, else it throws
   * ReplayError `invalid`. What the process has sent meanwhile stays sent: then the run ends there.
   */
  async setBounds(id: string, change: BoundsChange): Promise<void> {
    const { run } = this.#find(id)
    requireAhead(change, run.progress.sent)
    this.#steer(id, ({ bounds }) => ({ bounds: Bounds.parse({ ...run.options, ...bounds, ...change }) }))
  }

  /** Called with the run whenever it has something new to tell. Returns the unsubscribe. */
  onChange(listener: (run: RunSnapshot) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Keeps what has been counted with its run. Who counted tells of it. */
  noteLedger(ledger: Ledger): void {
    const kept = this.#runs.get(ledger.runId)
    if (kept !== undefined) kept.run = { ...kept.run, ledger }
  }

  /** Finds the runs of earlier consoles. */
  async adopt(): Promise<void> {
    for (const run of await this.#repository.list()) this.#remember(run)
    const root = join(this.#config.homeDir, 'runs')
    mkdirSync(root, { recursive: true, mode: 0o700 })
    for (const id of readdirSync(root)) this.#discover(id)
  }

  /** Goes on with every run that has not ended and that nobody looks after: adopted or suspended ones. */
  async goOn(): Promise<void> {
    for (const kept of this.#runs.values()) if (!hasEnded(kept) && kept.keeper === null) await this.#goOn(kept)
  }

  /** Ends the processes of the runs under way, as their line is being stopped; `goOn` resumes them at their checkpoint. */
  async suspend(): Promise<void> {
    for (const kept of this.#runs.values()) {
      if (hasEnded(kept) || kept.keeper === null) continue
      await kept.keeper.leave()
      kept.keeper = null
      if (!hasEnded(kept)) this.#told(kept, { ...kept.run.progress, rate: 0, reason: suspendedReason })
    }
  }

  #remember(run: RunSnapshot): void {
    const folder = new RunFolder(join(this.#config.homeDir, 'runs', run.id))
    this.#runs.set(run.id, { run, folder, keeper: null })
  }

  /** A run whose folder was written, but which a crash kept out of the repository. */
  #discover(id: string): void {
    const folder = new RunFolder(join(this.#config.homeDir, 'runs', id))
    try {
      const { options, createdAt } = folder.readSetup()
      const progress = folder.readProgress() ?? this.#runs.get(id)?.run.progress ?? beginning(id, createdAt)
      const ledger = this.#runs.get(id)?.run.ledger ?? null
      this.#runs.set(id, { run: { id, options, createdAt, progress, ledger }, folder, keeper: null })
    } catch (error) {
      this.#log.warn({ err: error, run: id }, 'a folder of a run cannot be read and is left alone')
    }
  }

  async #goOn(kept: Kept): Promise<void> {
    try {
      // The console's ports may have changed since.
      const setup = kept.folder.readSetup()
      const { mqtt, connect } = this.#setupOf(setup)
      kept.folder.writeSetup({ ...setup, mqtt, connect })
      await this.#keep(kept)
    } catch (error) {
      this.#broken(kept, error)
    }
  }

  #broken(kept: Kept, error: unknown): void {
    const reason = `The run cannot go on: ${error instanceof Error ? error.message : error}`
    this.#told(kept, { ...kept.run.progress, state: 'failed', reason, rate: 0, endedAt: Date.now() })
  }

  async #keep(kept: Kept): Promise<void> {
    kept.keeper = new Keeper({
      folder: kept.folder,
      program: programIn(this.#config.rootDir),
      codeCache: join(this.#config.homeDir, 'code-cache'),
      onProgress: (progress) => this.#told(kept, progress),
      onRestart: (lastWords) => this.#log.warn({ run: kept.run.id, lastWords }, 'the replay process died'),
      onTrouble: (err) => this.#log.error({ err, run: kept.run.id }, 'a run cannot be looked after'),
      known: () => kept.run.progress,
    })
    await kept.keeper.begin()
  }

  #told(kept: Kept, progress: RunProgress): void {
    const moved = kept.run.progress.state !== progress.state
    kept.run = { ...kept.run, progress }
    if (moved) this.#save(kept)
    for (const listener of this.#listeners) listener(kept.run)
  }

  async #save(kept: Kept): Promise<void> {
    try {
      await this.#repository.save(kept.run)
    } catch (error) {
      this.#log.error({ err: error, run: kept.run.id }, 'a run could not be saved')
    }
  }

  #find(id: string): Kept {
    const kept = this.#runs.get(id)
    if (kept === undefined)
      throw new ReplayError('missing', `There is no run ${id}.`, 'List the runs to see their ids.')
    if (hasEnded(kept)) throw new ReplayError('ended', `Run ${id} is ${kept.run.progress.state}.`, 'Start a new run.')
    return kept
  }

  #steer(id: string, change: (before: Control) => Partial<Control>): void {
    const { folder } = this.#find(id)
    const control = folder.readControl()
    if (control === null) throw new ReplayError('missing', `The folder of run ${id} is gone.`, 'Start a new run.')
    folder.writeControl({ ...control, ...change(control), version: control.version + 1 })
  }

  /** Stops watching; the replays go on. */
  close(): void {
    for (const { keeper } of this.#runs.values()) keeper?.close()
    this.#listeners.clear()
  }
}

const hasEnded = (kept: Kept) => endedStates.includes(kept.run.progress.state)
