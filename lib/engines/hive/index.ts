/**
 * Hive, beside the line: keeps the static tables, and shows the topic `tweets` that the sink connector lands as files, as a table.
 */
import type { Engine } from '#lib/engines/engine.ts'
import { type Findings, Observer } from '#lib/engines/observer.ts'
import type { SqlTable } from '#lib/pipeline/sql.ts'
import { HiveClient, type SqlOptions, type StatementOptions } from './client.ts'
import { database, provision } from './desired.ts'
import { owner, reader } from './wire.ts'

export type { SqlOptions, StatementOptions } from './client.ts'
export { database } from './desired.ts'
export { services } from './services.ts'
export { reader } from './wire.ts'

export interface HiveOptions {
  readonly host: string
  readonly port: number
  /** Absolute folder, as Hive sees it, of the files in which the stream lands. */
  readonly landingDir: string
}

/** Both find the tables of the database `aviary` by their bare names. */
export interface HiveEngine extends Engine {
  /** Runs a query as a user who may only work with tables. Throws EngineError; when `signal` aborts, Hive is told to stop and the signal's reason is thrown. */
  sql(statement: string, options: SqlOptions): Promise<SqlTable>
  /** Runs a statement that has no rows to show: DDL, INSERT. Throws as `sql` does. */
  execute(statement: string, options: StatementOptions): Promise<void>
}

export function createHive({ host, port, landingDir }: HiveOptions): HiveEngine {
  const observer = new Observer('hive')
  const address = { host, port }
  // Asked before the database is there, and never behind others' work.
  const own = new HiveClient(address, { user: owner, database: null })
  const writer = new HiveClient(address, { user: owner, database })
  const queries = new HiveClient(address, { user: reader, database })
  const ask = async (signal: AbortSignal): Promise<Findings> => {
    await own.touch(signal)
    return { state: 'up', reason: null }
  }
  return {
    id: 'hive',
    probe: (signal) => observer.probe(() => ask(signal)),
    provision: (signal) => provision(own, landingDir, signal),
    sql: (statement, options) => queries.sql(statement, options),
    execute: (statement, options) => writer.execute(statement, options),
    close: async () => {
      await Promise.all([own, writer, queries].map((client) => client.close()))
    },
  }
}
