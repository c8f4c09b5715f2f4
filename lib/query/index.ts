/** Queries of people on Druid and Hive: only reading, bounded in rows, time and number. Between the route and the engines. */
import type { DruidEngine } from '#lib/engines/druid/index.ts'
import type { HiveEngine } from '#lib/engines/hive/index.ts'
import { Places } from '#lib/live/places.ts'
import { type QueryRequest, type QueryResult, queryLimits } from '#lib/pipeline/query.ts'
import { Problem } from '#lib/problem.ts'
import { explain } from './failure.ts'
import { readOnly } from './read-only.ts'

export interface QueriesOptions {
  readonly druid: Pick<DruidEngine, 'sql'>
  readonly hive: Pick<HiveEngine, 'sql'>
  readonly now?: () => number
}

export interface Asker {
  /** Whose places a query takes: a session's id, or another name for who has none. */
  readonly session: string
  /** When it aborts, the engine is told to stop. */
  readonly signal: AbortSignal
}

/** Most queries end sooner. */
const retryAfter = 5

export class Queries {
  readonly #options: QueriesOptions
  readonly #now: () => number
  readonly #places = new Places({ all: queryLimits.all, session: queryLimits.perSession, strangers: 0 })

  constructor(options: QueriesOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
  }

  /** Throws Problem 422 for what is refused or wrong, with its place; 409 when it was cancelled; 413, 429, 504; EngineError. */
  async run({ engine, sql, maxRows, timeoutMs }: QueryRequest, { session, signal }: Asker): Promise<QueryResult> {
    const statement = readOnly(sql, engine)
    if (!this.#places.take(session))
      throw new Problem(429, `${queryLimits.perSession} queries of yours or ${queryLimits.all} of all are under way`, {
        hint: 'Cancel one, or wait until one has ended.',
        retryAfter,
      })
    const from = this.#now()
    try {
      // One more than asked for tells whether there are more.
      const table = await this.#options[engine].sql(statement, { signal, timeoutMs, limit: maxRows + 1 })
      const truncated = table.rows.length > maxRows
      const rows = truncated ? table.rows.slice(0, maxRows) : table.rows
      return { columns: table.columns, rows, truncated, tookMs: this.#now() - from }
    } catch (error) {
      throw signal.aborted ? new Problem(409, 'The query was cancelled') : explain(error, engine, timeoutMs)
    } finally {
      this.#places.leave(session)
    }
  }
}
