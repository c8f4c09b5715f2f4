/**
 * The static data: who the users of the stream are. Beside the line: files → Hive's tables → lookups in Druid, where the
 * stream is joined with them. Loads are asked for, one at a time; that the lookups are made of what Hive has is watched,
 * so that a console that died between the two, or a Druid that was away, is made good without anybody's doing.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Config } from '#lib/config.ts'
import type { DruidEngine } from '#lib/engines/druid/index.ts'
import type { HiveEngine } from '#lib/engines/hive/index.ts'
import type {
  LookupState,
  StaticFolder,
  StaticLoad,
  StaticSnapshot,
  StaticTableSnapshot,
} from '#lib/pipeline/statics.ts'
import { Problem } from '#lib/problem.ts'
import { findFile, listFolders } from './files.ts'
import { type AllPresent, HiveTables } from './hive-tables.ts'
import { Load, type LoadOptions, messageOf, type StaticFiles } from './load.ts'
import { outdatedLookups, readLookups } from './lookups.ts'
import { definitions, standardTables } from './tables.ts'

export interface StaticDataOptions {
  readonly config: Pick<Config, 'homeDir' | 'dataDirs'>
  readonly hive: HiveEngine
  readonly druid: Pick<DruidEngine, 'lookupStamps' | 'publishLookups'>
  readonly lend: LoadOptions['lend']
  readonly log: Logger
}

export interface LoadRequest {
  /** Absolute. */
  readonly dir: string
  /** Load the tweets file too. */
  readonly tweets?: boolean
  /** The folders that the files must really lie in, all links resolved; null for any. */
  readonly within: readonly string[] | null
}

const lookEveryMs = 5_000
/** So long a Hive that went away goes unnoticed. Tables change by our own loads only, and asking costs Hive some work. */
const tablesEveryMs = 20_000
const toldEveryMs = 250

type Listener = (snapshot: StaticSnapshot) => void

export class StaticData {
  readonly #options: StaticDataOptions
  readonly #hiveTables: HiveTables
  readonly #closed = new AbortController()
  readonly #listeners = new Set<Listener>()
  #tables: readonly StaticTableSnapshot[] | null = null
  #tablesAt = 0
  #lookups: LookupState = 'unknown'
  #load: StaticLoad | null = null
  #loading: Promise<StaticLoad> | null = null
  #watching: Promise<void> | null = null
  #told = { at: 0, step: '' }

  constructor(options: StaticDataOptions) {
    this.#options = options
    this.#hiveTables = new HiveTables(options.hive)
  }

  snapshot(): StaticSnapshot {
    return { tables: this.#tables, lookups: this.#lookups, load: this.#load }
  }

  /** Folders that a browser may load from. */
  folders(): Promise<StaticFolder[]> {
    return listFolders(this.#options.config)
  }

  /** Called with every change, a few times a second at most. Returns the unsubscribe. */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Begins to look at Hive and Druid. Idempotent. */
  watch(): void {
    this.#watching ??= this.#watch()
  }

  /** Resolves when the load has begun. Throws Problem 409 while another is under way, 422 for a folder without files; EngineError without Hive. */
  async begin(request: LoadRequest): Promise<StaticLoad> {
    return (await this.#begin(request)).begun
  }

  /** As `begin`, and resolves when it has ended; the state tells how. */
  async load(request: LoadRequest): Promise<StaticLoad> {
    return (await this.#begin(request)).ended
  }

  /** Breaks off a load: its tables stay as they were. */
  async close(): Promise<void> {
    this.#closed.abort(new Error('the console has been closed'))
    this.#listeners.clear()
    await Promise.allSettled([this.#loading, this.#watching])
  }

  async #begin({
    dir,
    tweets = false,
    within,
  }: LoadRequest): Promise<{ begun: StaticLoad; ended: Promise<StaticLoad> }> {
    if (this.#loading !== null)
      throw new Problem(409, 'Static data is being loaded already', { hint: 'Wait until that load has ended.' })
    const { promise, resolve, reject } = Promise.withResolvers<StaticLoad>()
    this.#loading = promise
    promise.catch(() => {})
    try {
      const names = tweets ? [...standardTables, 'tweets' as const] : standardTables
      const files = await Promise.all(names.map(async (name) => [name, await findFile(dir, name, within)] as const))
      if (files.every(([, file]) => file === null)) throw noFiles(dir, names)
      // Without Hive nothing is begun.
      const present = await this.#hiveTables.present(this.#closed.signal)
      const load = this.#newLoad(dir, new Map(files), present)
      this.#change(load.snapshot())
      this.#run(load).then(resolve, reject)
      return { begun: load.snapshot(), ended: promise }
    } catch (error) {
      this.#loading = null
      reject(error)
      throw error
    }
  }

  #newLoad(dir: string, files: StaticFiles, present: AllPresent): Load {
    return new Load({
      id: randomUUID().slice(0, 8),
      dir,
      files,
      tables: this.#hiveTables,
      present,
      lend: this.#options.lend,
      stagingDir: join(this.#options.config.homeDir, 'data', 'hive', 'staging'),
      onProgress: (load) => this.#change(load),
    })
  }

  async #run(load: Load): Promise<StaticLoad> {
    const { signal } = this.#closed
    let error: string | null = null
    try {
      await load.run(signal)
      load.publishing()
      await this.#lookAtTables(signal)
      const tidied = this.#tidy(load, signal)
      error = await this.#reconcile(signal)
      await tidied
    } catch (fault) {
      error = messageOf(fault)
      this.#options.log.error({ err: fault }, 'a load of static data broke off')
    }
    load.end(error)
    this.#loading = null
    return load.snapshot()
  }

  /** What cannot be dropped now goes with the next load. */
  async #tidy(load: Load, signal: AbortSignal): Promise<void> {
    const names = load.snapshot().tables.map(({ name }) => name)
    await this.#hiveTables.tidy(names, signal).catch((error: unknown) => {
      this.#options.log.warn({ err: error }, 'old versions of static tables could not be dropped')
    })
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closed
    while (!signal.aborted) {
      if (this.#loading === null) await this.#look(signal)
      await delay(lookEveryMs, undefined, { signal, ref: false }).catch(() => {})
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    try {
      if (this.#tables === null || Date.now() - this.#tablesAt >= tablesEveryMs) await this.#lookAtTables(signal)
    } catch (error) {
      this.#options.log.debug({ err: error }, 'the static tables could not be asked for')
      return
    }
    // A load that has begun meanwhile sees to it itself.
    if (this.#loading !== null || ['current', 'empty'].includes(this.#lookups)) return
    const error = await this.#reconcile(signal)
    if (error !== null) this.#options.log.debug({ error }, 'the lookups could not be brought up to date')
  }

  async #lookAtTables(signal: AbortSignal): Promise<void> {
    try {
      this.#tables = await this.#hiveTables.list(signal)
      this.#tablesAt = Date.now()
    } catch (error) {
      this.#tables = null
      this.#lookups = 'unknown'
      throw error
    } finally {
      this.#tell()
    }
  }

  /** Makes Druid's lookups of what Hive has. Returns why that failed; null when it is done. */
  async #reconcile(signal: AbortSignal): Promise<string | null> {
    const { hive, druid } = this.#options
    const tables = this.#tables ?? []
    this.#lookups = 'unknown'
    try {
      const outdated = outdatedLookups(tables, await druid.lookupStamps(signal))
      if (outdated.length > 0) {
        this.#lookups = 'outdated'
        this.#tell()
        await druid.publishLookups(await readLookups(hive, tables, outdated, signal), signal)
      }
      this.#lookups = tables.some(({ name }) => name !== 'tweets' && name !== 'edges') ? 'current' : 'empty'
      return null
    } catch (error) {
      return messageOf(error)
    } finally {
      this.#tell()
    }
  }

  #change(load: StaticLoad): void {
    this.#load = load
    const step = `${load.state} ${load.tables.map(({ phase }) => phase).join()}`
    // Between two steps only bytes change.
    if (step === this.#told.step && Date.now() - this.#told.at < toldEveryMs) return
    this.#told = { at: Date.now(), step }
    this.#tell()
  }

  #tell(): void {
    const snapshot = this.snapshot()
    for (const listener of this.#listeners) listener(snapshot)
  }
}

function noFiles(dir: string, names: readonly (keyof typeof definitions)[]): Problem {
  const expected = names.map((name) => definitions[name].files.join(' or ')).join(', ')
  return new Problem(422, `There are no static files in ${dir}`, { hint: `Expected ${expected}, plain or with .gz.` })
}
