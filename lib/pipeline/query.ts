/** A query that a person asks of Druid or Hive, and its answer; shared by server and page. */
import { z } from 'zod'
import type { SqlTable } from './sql.ts'

export const queryEngines = ['druid', 'hive'] as const
export type QueryEngine = (typeof queryEngines)[number]

/**
 * The least role that may ask. Every query costs the engine work that the stream needs too, so looking is not enough. Hive has
 * the screen names of real people, which only an admin may see whole.
 */
export const queryRoles = { druid: 'operator', hive: 'admin' } as const satisfies Record<QueryEngine, string>

export const queryLimits = {
  /** Of the statement, in UTF-8. */
  sqlBytes: 32 * 1024,
  /** On screen. */
  rows: 10_000,
  /** In a file. */
  fileRows: 100_000,
  timeoutMs: 120_000,
  /** Under way at the same time, of one session and of all. Druid's client has twice as many connections, so that the monitor goes on. */
  perSession: 2,
  all: 4,
} as const

export const queryFormats = ['json', 'csv', 'ndjson'] as const
export type QueryFormat = (typeof queryFormats)[number]

/** Rows that a caller may ask for in the format. */
export const mostRows = (format: QueryFormat): number => (format === 'json' ? queryLimits.rows : queryLimits.fileRows)

const sqlBytes = (sql: string): number => new TextEncoder().encode(sql).length

/** Body of `POST /api/query`. */
export const QueryRequest = z
  .object({
    engine: z.enum(queryEngines),
    sql: z.string().refine((sql) => sqlBytes(sql) <= queryLimits.sqlBytes, {
      error: `A statement may have ${queryLimits.sqlBytes} bytes at most`,
    }),
    /** The answer is cut after so many; by default 1,000 on screen and all that a file may have. */
    maxRows: z.number().int().min(1).optional(),
    timeoutMs: z.number().int().min(1_000).max(queryLimits.timeoutMs).default(30_000),
    format: z.enum(queryFormats).default('json'),
  })
  .transform((body) => ({ ...body, maxRows: body.maxRows ?? (body.format === 'json' ? 1_000 : queryLimits.fileRows) }))
  .refine(({ format, maxRows }) => maxRows <= mostRows(format), {
    path: ['maxRows'],
    error: `At most ${queryLimits.rows} rows on screen and ${queryLimits.fileRows} in a file`,
  })
export type QueryRequest = z.infer<typeof QueryRequest>

export interface QueryResult extends SqlTable {
  /** There were more rows than were asked for. */
  readonly truncated: boolean
  /** How long the engine took, ms. */
  readonly tookMs: number
}

/** A place in a statement: both count from 1, the column in UTF-16 units. */
export interface SqlPosition {
  readonly line: number
  readonly column: number
}
