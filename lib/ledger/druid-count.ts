/** Counts a run's rows in Druid, exactly: `COUNT(DISTINCT x)` would be an estimate there. */
import type { DruidEngine } from '#lib/engines/druid/index.ts'
import type { SqlTable, SqlValue } from '#lib/pipeline/sql.ts'
import { datasource } from '#lib/pipeline/stages.ts'

/** What is asked of a run. */
export interface RunRows {
  readonly runId: string
  /** No row of the run is older, ms since the epoch: spares Druid the segments of other days. */
  readonly since: number
}

export interface Newest {
  readonly total: number
  /** Of the newest visible row, ms since the epoch; null while there is none. */
  readonly sentAt: number | null
  readonly recordedAt: number | null
}

/** Rows that one grouping holds at most in the Broker's merge buffers. */
const chunk = 100_000

const ofRun = `FROM "${datasource}" WHERE run_id = ? AND __time >= MILLIS_TO_TIMESTAMP(?)`

type Ask = Pick<DruidEngine, 'sqlOnTweets'>

/** Null when Druid cannot tell at the moment. Throws EngineError. */
export async function newestRow(druid: Ask, { runId, since }: RunRows, signal: AbortSignal): Promise<Newest | null> {
  const query = `SELECT COUNT(*), MAX(sent_at), MAX(kafka_ts) ${ofRun}`
  const row = firstRow(await druid.sqlOnTweets(query, { signal, parameters: [runId, BigInt(since)] }))
  if (row === null) return null
  const total = number(row[0]) ?? 0
  if (total === 0) return { total, sentAt: null, recordedAt: null }
  return { total, sentAt: number(row[1]), recordedAt: number(row[2]) }
}

/** Counts distinct positions chunk by chunk; remembers full chunks, which can only stay so while the run goes on. */
export class DistinctRows {
  readonly #druid: Ask
  readonly #run: RunRows
  readonly #full = new Set<number>()

  constructor(druid: Ask, run: RunRows) {
    this.#druid = druid
    this.#run = run
  }

  /** `afresh` trusts no earlier answer. Null when Druid cannot tell at the moment. Throws EngineError. */
  async count(signal: AbortSignal, { afresh }: { readonly afresh: boolean }): Promise<number | null> {
    if (afresh) this.#full.clear()
    const highest = await this.#ask(`SELECT MAX(seq), COUNT(*) ${ofRun}`, [], signal)
    if (highest === null) return null
    if (number(highest[1]) === 0 || highest.length === 0) return 0
    const chunks = Math.floor((number(highest[0]) ?? 0) / chunk) + 1
    let distinct = 0
    for (let i = 0; i < chunks; i++) {
      const found = this.#full.has(i) ? chunk : await this.#countChunk(i, signal)
      if (found === null) return null
      if (found === chunk) this.#full.add(i)
      distinct += found
    }
    return distinct
  }

  async #countChunk(i: number, signal: AbortSignal): Promise<number | null> {
    const query = `SELECT COUNT(*) FROM (SELECT DISTINCT seq ${ofRun} AND seq >= ? AND seq < ?)`
    const row = await this.#ask(query, [BigInt(i * chunk), BigInt((i + 1) * chunk)], signal)
    return row && (number(row[0]) ?? 0)
  }

  async #ask(query: string, more: readonly bigint[], signal: AbortSignal): Promise<readonly SqlValue[] | null> {
    const parameters = [this.#run.runId, BigInt(this.#run.since), ...more]
    return firstRow(await this.#druid.sqlOnTweets(query, { signal, parameters, timeoutMs: 30_000 }))
  }
}

/** An empty row where there are truly no rows; null where Druid cannot tell. */
function firstRow(table: SqlTable | null): readonly SqlValue[] | null {
  return table && (table.rows[0] ?? [])
}

const number = (value: SqlValue | undefined): number | null => (typeof value === 'number' ? value : null)
