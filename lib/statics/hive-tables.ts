/**
 * The static tables as Hive has them. Each is a view on its newest version: `users` on `users_v7`. A load writes the next
 * version beside it; turning the view is one step in the metastore, and takes the provenance with it as a property of
 * the view, so that rows and what is said of them never differ. Versions are never changed once the view shows them.
 */
import { z } from 'zod'
import { database, type HiveEngine } from '#lib/engines/hive/index.ts'
import { StaticProvenance, type StaticTable, type StaticTableSnapshot, staticTables } from '#lib/pipeline/statics.ts'
import { stagedFormat } from './stage.ts'
import { definitions } from './tables.ts'

const property = 'aviary.load'
const Kept = StaticProvenance.extend({
  rows: z.number().int(),
  version: z.number().int(),
  /** The version that the view showed before: queries may still read it. */
  previous: z.number().int().nullable(),
})
type Kept = z.infer<typeof Kept>

/** A full-size tweets file takes a minute on a busy machine. */
const longMs = 1_800_000

const versionName = (table: StaticTable, version: number) => `${table}_v${version}`
const stageName = (table: StaticTable, version: number) => `${table}_stage${version}`

/** As HiveQL reads it back. Before it reads anything, Hive would put its settings in the place of `${…}`. */
const literal = (text: string) => `'${text.replace(/[\\']/g, '\\$&').replaceAll('$', '\\u0024')}'`

/** A table's versions, and staging tables over files that only a load under way needs. */
interface Present {
  readonly hasView: boolean
  readonly versions: readonly number[]
  readonly stages: readonly number[]
}

export type AllPresent = Readonly<Record<StaticTable, Present>>

/** A number that no version has and no staging table. */
export const nextVersion = ({ versions, stages }: Present): number => Math.max(0, ...versions, ...stages) + 1

type Hive = Pick<HiveEngine, 'sql' | 'execute'>

/** Every call throws EngineError, or the signal's reason. */
export class HiveTables {
  readonly #hive: Hive

  constructor(hive: Hive) {
    this.#hive = hive
  }

  async present(signal: AbortSignal): Promise<AllPresent> {
    const { rows } = await this.#hive.sql(`SHOW TABLES IN ${database}`, { signal })
    const names = rows.map(([name]) => String(name))
    const numbers = (prefix: string) =>
      names
        .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
        .map((name) => Number(name.slice(prefix.length)))
    const of = (table: StaticTable): Present => ({
      hasView: names.includes(table),
      versions: numbers(`${table}_v`),
      stages: numbers(`${table}_stage`),
    })
    return Object.fromEntries(staticTables.map((table) => [table, of(table)])) as AllPresent
  }

  /** The tables that are loaded, in the order of `staticTables`. A view that no load has made is none of them. */
  async list(signal: AbortSignal): Promise<StaticTableSnapshot[]> {
    const present = await this.present(signal)
    const tables: StaticTableSnapshot[] = []
    // One after the other: each at once would take a session of its own in Hive.
    for (const name of staticTables) {
      const found = present[name].hasView ? await this.#kept(name, signal) : null
      if (found === null) continue
      const { version: _, previous: __, ...table } = found
      tables.push({ name, ...table })
    }
    return tables
  }

  /** What the view says of itself; null where it says nothing that a load has written. */
  async #kept(table: StaticTable, signal: AbortSignal): Promise<Kept | null> {
    const text = (await this.#properties(table, signal)).get(property)
    if (text === undefined) return null
    try {
      return Kept.parse(JSON.parse(text))
    } catch {
      return null
    }
  }

  /** Writes the staged files of a folder into a new version. Resolves to the rows that Hive has written. */
  async build(table: StaticTable, version: number, dir: string, signal: AbortSignal): Promise<number> {
    const stage = `${database}.${stageName(table, version)}`
    const target = `${database}.${versionName(table, version)}`
    const columns = definitions[table].columns.map(([name, type]) => `\`${name}\` ${type}`).join(', ')
    const run = (statement: string) => this.#hive.execute(statement, { signal, timeoutMs: longMs })
    // Dropping it deletes the files: where they were sent to Hive, nobody else could.
    const purged = `TBLPROPERTIES ('external.table.purge'='true')`
    await run(
      `CREATE EXTERNAL TABLE ${stage} (${columns}) ${stagedFormat} LOCATION ${literal(`file://${dir}`)} ${purged}`,
    )
    await run(
      `CREATE TABLE ${target} STORED AS PARQUET TBLPROPERTIES ('transactional'='false') AS SELECT * FROM ${stage}`,
    )
    // As counted while writing; a count by query would take as long as the writing again.
    const written = (await this.#properties(versionName(table, version), signal)).get('numRows')
    if (written !== undefined && /^\d+$/.test(written)) return Number(written)
    const { rows } = await this.#hive.sql(`SELECT COUNT(*) FROM ${target}`, { signal, timeoutMs: longMs })
    return Number(rows[0]?.[0])
  }

  /** From here on everybody who asks for the table sees the version. */
  async turn(table: StaticTable, shown: Omit<Kept, 'previous'>, hasView: boolean, signal: AbortSignal): Promise<void> {
    const previous = (hasView ? await this.#kept(table, signal) : null)?.version ?? null
    const columns = definitions[table].columns.map(([name]) => `\`${name}\``).join(', ')
    const kept = literal(JSON.stringify({ ...shown, previous }))
    await this.#hive.execute(
      `CREATE OR REPLACE VIEW ${database}.${table} TBLPROPERTIES ('${property}'=${kept}) ` +
        `AS SELECT ${columns} FROM ${database}.${versionName(table, shown.version)}`,
      { signal },
    )
  }

  /**
   * Drops what nobody needs of these tables: staging tables, and all versions but the one that the view shows and the one
   * that it showed before.
   */
  async tidy(tables: readonly StaticTable[], signal: AbortSignal): Promise<void> {
    const present = await this.present(signal)
    for (const table of tables) {
      const { hasView, versions, stages } = present[table]
      const kept = hasView ? await this.#kept(table, signal) : null
      // A view that says nothing of itself may show any of them.
      const unneeded =
        hasView && kept === null ? [] : versions.filter((v) => v !== kept?.version && v !== kept?.previous)
      const names = [...unneeded.map((v) => versionName(table, v)), ...stages.map((v) => stageName(table, v))]
      for (const name of names) await this.#hive.execute(`DROP TABLE IF EXISTS ${database}.${name} PURGE`, { signal })
    }
  }

  async #properties(name: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const { rows } = await this.#hive.sql(`SHOW TBLPROPERTIES ${database}.${name}`, { signal })
    return new Map(rows.map(([key, value]) => [String(key), String(value)]))
  }
}
