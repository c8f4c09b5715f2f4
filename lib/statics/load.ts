/**
 * One load: reads the files one after the other into the staging folder and, beside that, has Hive make a new version of
 * each table of what is staged. A table is turned when Hive counts in it what was read; one that fails stays as it was,
 * and so do all when the load is broken off: what is left then is dropped by the next load.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { StaticLoad, StaticPhase, StaticProvenance, StaticTable, StaticTableLoad } from '#lib/pipeline/statics.ts'
import type { StaticFile } from './files.ts'
import { type AllPresent, type HiveTables, nextVersion } from './hive-tables.ts'
import { type Content, readFile } from './reading.ts'
import { FileRefusal } from './refusal.ts'
import { StageFile } from './stage.ts'
import { definitions, readingOrder } from './tables.ts'
import { Tally } from './tally.ts'

/** Null where the folder has no such file. */
export type StaticFiles = ReadonlyMap<StaticTable, StaticFile | null>

export interface LoadOptions {
  readonly id: string
  readonly dir: string
  readonly files: StaticFiles
  readonly tables: HiveTables
  /** What Hive has before it. */
  readonly present: AllPresent
  /** Belongs to loads alone. */
  readonly stagingDir: string
  /** Resolves to where Hive finds the files of a folder. */
  readonly lend: (folder: string, signal: AbortSignal) => Promise<string>
  /** Called with every change. */
  readonly onProgress: (load: StaticLoad) => void
}

/** What came out of a file, staged. */
interface Staged {
  readonly file: StaticFile
  readonly dir: string
  readonly tally: Tally
  readonly content: Content
}

export class Load {
  readonly #options: LoadOptions
  readonly #tables: Map<StaticTable, StaticTableLoad>
  #state: Pick<StaticLoad, 'state' | 'endedAt' | 'error'> = { state: 'loading', endedAt: null, error: null }
  readonly #startedAt = Date.now()

  constructor(options: LoadOptions) {
    this.#options = options
    this.#tables = new Map(
      [...options.files].map(([name, file]) => [
        name,
        { name, phase: 'waiting', doneBytes: 0, totalBytes: file?.bytes ?? 0, counts: null, error: null },
      ]),
    )
  }

  snapshot(): StaticLoad {
    const { id, dir } = this.#options
    return { id, dir, startedAt: this.#startedAt, ...this.#state, tables: [...this.#tables.values()] }
  }

  publishing(): void {
    this.#become({ state: 'publishing' })
  }

  end(error: string | null): void {
    const failed = [...this.#tables.values()].some(({ phase }) => phase !== 'done')
    this.#become({ state: failed ? 'failed' : 'done', endedAt: Date.now(), error })
  }

  /** Resolves when every table is done or has failed. Rejects with the signal's reason. */
  async run(signal: AbortSignal): Promise<void> {
    const { files, stagingDir } = this.#options
    await rm(stagingDir, { recursive: true, force: true })
    await mkdir(stagingDir, { recursive: true })
    const building: Promise<unknown>[] = []
    try {
      let users: ReadonlySet<string> | null = null
      for (const table of readingOrder.filter((name) => files.has(name))) {
        const ids = table === 'users' ? new Set<string>() : null
        const staged = await this.#guard(table, () => this.#stage(table, users, ids, signal))
        signal.throwIfAborted()
        if (staged === null) continue
        users = ids ?? users
        building.push(this.#guard(table, () => this.#build(table, staged, signal)))
      }
    } finally {
      // None is left behind working in a folder that is about to go.
      await Promise.all(building)
      await rm(stagingDir, { recursive: true, force: true })
    }
    signal.throwIfAborted()
  }

  async #stage(
    table: StaticTable,
    users: ReadonlySet<string> | null,
    ids: Set<string> | null,
    signal: AbortSignal,
  ): Promise<Staged> {
    const { files, dir, stagingDir } = this.#options
    const definition = definitions[table]
    const file = files.get(table)
    if (file == null) throw new FileRefusal(`There is no ${definition.files[0]} in ${dir}`)
    this.#note(table, { phase: 'reading' })
    const tally = new Tally(users)
    const stage = await StageFile.create(join(stagingDir, table))
    const row: StageFile['row'] = (cells) => {
      ids?.add(String(cells[0]))
      stage.row(cells)
    }
    const onChunk = async (doneBytes: number) => {
      await stage.flush()
      this.#note(table, { doneBytes })
    }
    try {
      const content = await readFile(file.path, definition.read, { tally, row }, { signal, onChunk })
      if (tally.loaded === 0) throw empty(tally, definition.what)
      return { file, dir: join(stagingDir, table), tally, content }
    } catch (error) {
      throw error instanceof FileRefusal ? new FileRefusal(`${file.name} is not loaded: ${error.message}`) : error
    } finally {
      await stage.finish()
      this.#note(table, { counts: tally.counts(), doneBytes: file.bytes })
    }
  }

  async #build(table: StaticTable, { file, dir, tally, content }: Staged, signal: AbortSignal): Promise<void> {
    const { tables, present, id, lend } = this.#options
    this.#note(table, { phase: 'loading' })
    const version = nextVersion(present[table])
    const rows = await tables.build(table, version, await lend(dir, signal), signal)
    if (rows !== tally.loaded)
      throw new FileRefusal(
        `Hive counts ${rows} rows of ${table} instead of ${tally.loaded}; the table stays as it was`,
      )
    this.#note(table, { phase: 'swapping' })
    const provenance: StaticProvenance = {
      ...tally.counts(),
      ...content,
      stamp: `${id}-${version}`,
      loadedAt: Date.now(),
      file: file.path,
      synthetic: file.synthetic,
    }
    await tables.turn(table, { ...provenance, version, rows }, present[table].hasView, signal)
    this.#note(table, { phase: 'done' })
  }

  /** Null where it failed, which is noted. Never rejects. */
  async #guard<T>(table: StaticTable, work: () => Promise<T>): Promise<T | null> {
    try {
      return await work()
    } catch (error) {
      this.#note(table, { phase: 'failed', error: messageOf(error) })
      return null
    }
  }

  #note(table: StaticTable, change: Partial<StaticTableLoad> & { phase?: StaticPhase }): void {
    const known = this.#tables.get(table)
    if (known === undefined) return
    this.#tables.set(table, { ...known, ...change })
    this.#options.onProgress(this.snapshot())
  }

  #become(change: Partial<Pick<StaticLoad, 'state' | 'endedAt' | 'error'>>): void {
    this.#state = { ...this.#state, ...change }
    this.#options.onProgress(this.snapshot())
  }
}

function empty(tally: Tally, what: string): FileRefusal {
  if (tally.read === 0) return new FileRefusal(`it holds no ${what}`)
  return new FileRefusal(`none of its ${tally.read} ${what} can be used; ${tally.first}`)
}

/** With what to do next, where that is known. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const hint = 'hint' in error && typeof error.hint === 'string' ? ` ${error.hint}` : ''
  return `${error.message}.${hint}`.replace(/\.\.(?= |$)/, '.')
}
