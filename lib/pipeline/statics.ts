/** The static tables in Hive and a load of them, as data: written by `lib/statics`, read by pages and the command line. */
import { z } from 'zod'

export const staticTables = ['users', 'edges', 'mbti_labels', 'tweets'] as const
/** A static table by its name in Hive (database `aviary`). */
export type StaticTable = (typeof staticTables)[number]

export const StaticReject = z.object({
  /** Where it stands in the file, 1-based. */
  line: z.number().int(),
  column: z.number().int().nullable(),
  /** 0-based position of the array's element or of the data row. */
  element: z.number().int(),
  /** A sentence of a small closed set, so that rejects can be counted by it. */
  reason: z.string(),
  /** What stands there, at most 40 characters of it; null where it would say nothing more. */
  found: z.string().nullable(),
})
export type StaticReject = z.infer<typeof StaticReject>

/** So many rejects are kept with their place; all are counted. */
export const keptRejects = 100

/**
 * What became of a file. `read` = `loaded` + `duplicates` + `rejected`, always. It counts users, labels, tweets, and for
 * edges the entries of both lists, of which an edge that stands in several is loaded once.
 */
export const StaticCounts = z.object({
  read: z.number().int(),
  loaded: z.number().int(),
  duplicates: z.number().int(),
  rejected: z.number().int(),
  /** Loaded rows that name a user who is not in the users file; null where that was not read. Nothing is wrong with them. */
  unknownUsers: z.number().int().nullable(),
  /** Rejects by reason. */
  reasons: z.record(z.string(), z.number().int()),
  rejects: z.array(StaticReject).max(keptRejects),
})
export type StaticCounts = z.infer<typeof StaticCounts>

/** Where a table's rows come from; kept with the table in Hive's metastore. */
export const StaticProvenance = StaticCounts.extend({
  /** Changes with every load of the table; tells whether Druid's lookups were made from it. */
  stamp: z.string(),
  /** ms since the epoch. */
  loadedAt: z.number(),
  file: z.string(),
  /** Of the file's content, unpacked. */
  bytes: z.number().int(),
  sha256: z.string(),
  /** Made by `aviary sample`: the people in it do not exist. */
  synthetic: z.boolean(),
})
export type StaticProvenance = z.infer<typeof StaticProvenance>

export interface StaticTableSnapshot extends StaticProvenance {
  readonly name: StaticTable
  /** Rows in Hive, as counted there when it was loaded. */
  readonly rows: number
}

/** `reading`: from the file to the staging folder. `loading`: Hive writes and counts it. `swapping`: the view turns to it. */
export type StaticPhase = 'waiting' | 'reading' | 'loading' | 'swapping' | 'done' | 'failed'

export interface StaticTableLoad {
  readonly name: StaticTable
  readonly phase: StaticPhase
  /** Of the file as it lies on the disk. */
  readonly doneBytes: number
  readonly totalBytes: number
  /** As far as read. */
  readonly counts: StaticCounts | null
  /** Why it failed, and what to do next; the table is as it was before. */
  readonly error: string | null
}

export interface StaticLoad {
  readonly id: string
  readonly dir: string
  readonly startedAt: number
  readonly endedAt: number | null
  /** `publishing`: the tables are in Hive, Druid takes over what it needs of them. `failed`: at least one part of it did. */
  readonly state: 'loading' | 'publishing' | 'done' | 'failed'
  readonly tables: readonly StaticTableLoad[]
  /** What failed beyond a single table. */
  readonly error: string | null
}

/** How Druid's lookups stand to the tables in Hive; `unknown` while one of the two could not be asked. */
export type LookupState = 'current' | 'outdated' | 'empty' | 'unknown'

/** A folder whose static files may be loaded from the browser. */
export interface StaticFolder {
  readonly dir: string
  readonly sample: boolean
}

export interface StaticSnapshot {
  /** null: Hive could not be asked. Empty: nothing has been loaded yet. In the order of `staticTables`. */
  readonly tables: readonly StaticTableSnapshot[] | null
  readonly lookups: LookupState
  /** The load under way, or the last one of this console; null for none. */
  readonly load: StaticLoad | null
}

/**
 * Lookups in Druid, from a user's id as text to what the static tables know of that user: the personality type, `true` or
 * `false`, the location where there is one, and retweets + favourites + mentions as digits. NULL for an unknown user.
 */
export const staticLookups = ['user_mbti', 'user_verified', 'user_location', 'user_interactions'] as const
export type StaticLookup = (typeof staticLookups)[number]
