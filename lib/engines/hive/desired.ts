/** What Hive must have before anybody asks it: the database, and the table over the files in which the stream lands. */
import { createHash } from 'node:crypto'
import type { Change } from '#lib/engines/engine.ts'
import type { HiveClient } from './client.ts'

export const database = 'aviary'
/** Every record of the topic `tweets` that has landed, once each. */
export const landedTable = 'tweets_landed'

/**
 * The members of a line of the files, as the sink connector writes them. `raw` is the whole value where that was no tweet; the rest
 * of what is missing is NULL. Ids are text there, so that no digit is lost. Times are ms, `timestamp` is what the publisher sent.
 */
const columns = {
  user_id: 'string',
  tweet: 'string',
  timestamp: 'string',
  run_id: 'string',
  seq: 'bigint',
  sent_at: 'bigint',
  kafka_partition: 'int',
  kafka_offset: 'bigint',
  kafka_timestamp: 'bigint',
  kafka_key: 'string',
  raw: 'string',
}

/** Tells whether the table is as it is made here: Hive itself describes a table in words of its own. */
const mark = 'aviary.definition'

/** Idempotent. A table that was made otherwise is made anew, which leaves the files alone. Throws EngineError. */
export async function provision(client: HiveClient, landingDir: string, signal: AbortSignal): Promise<Change[]> {
  return [
    { engine: 'hive', subject: `database ${database}`, action: await makeDatabase(client, signal) },
    { engine: 'hive', subject: `table ${landedTable}`, action: await makeTable(client, landingDir, signal) },
  ]
}

async function makeDatabase(client: HiveClient, signal: AbortSignal): Promise<Change['action']> {
  const { rows } = await client.sql(`SHOW DATABASES LIKE '${database}'`, { signal })
  if (rows.length > 0) return 'unchanged'
  await client.execute(`CREATE DATABASE IF NOT EXISTS ${database}`, { signal })
  return 'created'
}

async function makeTable(client: HiveClient, landingDir: string, signal: AbortSignal): Promise<Change['action']> {
  const table = `${database}.${landedTable}`
  const list = Object.entries(columns).map(([name, type]) => `\`${name}\` ${type}`)
  const location = `file://${landingDir}`.replace(/[\\']/g, '\\$&')
  const definition = `(${list.join(', ')}) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.JsonSerDe'
    STORED AS TEXTFILE LOCATION '${location}'`
  const hash = createHash('sha256').update(definition).digest('hex').slice(0, 16)
  const { rows } = await client.sql(`SHOW TABLES IN ${database} LIKE '${landedTable}'`, { signal })
  const isThere = rows.length > 0
  if (isThere && (await markOf(client, table, signal)) === hash) return 'unchanged'
  if (isThere) await client.execute(`DROP TABLE IF EXISTS ${table}`, { signal })
  await client.execute(
    `CREATE EXTERNAL TABLE IF NOT EXISTS ${table} ${definition} TBLPROPERTIES ('${mark}'='${hash}')`,
    {
      signal,
    },
  )
  return isThere ? 'updated' : 'created'
}

/** Null where the table has no such property: then Hive says so in the row. */
async function markOf(client: HiveClient, table: string, signal: AbortSignal): Promise<string | null> {
  const { rows } = await client.sql(`SHOW TBLPROPERTIES ${table}('${mark}')`, { signal })
  const value = rows[0]?.at(-1)
  return typeof value === 'string' ? value : null
}
