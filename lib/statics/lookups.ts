/** What Druid takes over from the static tables: for each lookup, which table it comes from and how Hive is asked for it. */
import { emptyStamp, type Lookup, maxLookupEntries } from '#lib/engines/druid/index.ts'
import { database, type HiveEngine } from '#lib/engines/hive/index.ts'
import { type StaticLookup, type StaticTable, type StaticTableSnapshot, staticLookups } from '#lib/pipeline/statics.ts'

interface Origin {
  readonly table: StaticTable
  /** HiveQL, text; rows where it is NULL are left out. Screen names stay in Hive, where they can be masked. */
  readonly value: string
}

const origins: Readonly<Record<StaticLookup, Origin>> = {
  user_mbti: { table: 'mbti_labels', value: 'mbti_personality' },
  user_verified: { table: 'users', value: "IF(verified, 'true', 'false')" },
  user_location: { table: 'users', value: 'location' },
  user_interactions: {
    table: 'users',
    value: 'CAST(total_retweet_count + total_favorite_count + total_mentions_count AS STRING)',
  },
}

type Tables = readonly StaticTableSnapshot[]

const originOf = (name: StaticLookup, tables: Tables): StaticTableSnapshot | null =>
  tables.find((table) => table.name === origins[name].table) ?? null

/** The lookups that were not made of what Hive has now. `present`: the stamps that Druid tells. */
export function outdatedLookups(
  tables: Tables,
  present: ReadonlyMap<StaticLookup, string | null>,
): readonly StaticLookup[] {
  const wanted = (name: StaticLookup) => originOf(name, tables)?.stamp ?? emptyStamp
  // One that does not exist is made, empty, by provisioning.
  return staticLookups.filter((name) => (present.get(name) ?? emptyStamp) !== wanted(name))
}

/** Reads lookups out of Hive, each table once. Rejects where a table has more users than Druid's heaps can hold. */
export async function readLookups(
  hive: Pick<HiveEngine, 'sql'>,
  tables: Tables,
  names: readonly StaticLookup[],
  signal: AbortSignal,
): Promise<Lookup[]> {
  const read = [...Map.groupBy(names, (name) => originOf(name, tables))].map(([table, of]) =>
    table === null ? of.map(emptyLookup) : readTable(hive, table, of, signal),
  )
  return (await Promise.all(read)).flat()
}

const emptyLookup = (name: StaticLookup): Lookup => ({ name, stamp: emptyStamp, values: new Map() })

async function readTable(
  hive: Pick<HiveEngine, 'sql'>,
  table: StaticTableSnapshot,
  names: readonly StaticLookup[],
  signal: AbortSignal,
): Promise<Lookup[]> {
  if (table.rows > maxLookupEntries)
    throw new Error(
      `${table.name} has ${table.rows} rows, and Druid's lookups hold ${maxLookupEntries} at most: tweets are not joined with it`,
    )
  const columns = names.map((name) => origins[name].value)
  const query = `SELECT id, ${columns.join(', ')} FROM ${database}.${table.name}`
  const { rows } = await hive.sql(query, { signal, limit: maxLookupEntries })
  return names.map((name, i) => {
    const known = rows.flatMap(([id, ...values]) => {
      const value = values[i] ?? null
      return value === null ? [] : [[String(id), String(value)] as const]
    })
    return { name, stamp: table.stamp, values: new Map(known) }
  })
}
