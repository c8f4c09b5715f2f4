/** Brings the database to the schema of this version, in the book-keeping of `prisma migrate deploy`, so that both agree. */
import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PrismaLibSql } from '@prisma/adapter-libsql'

/** A connection beneath Prisma: migrations come before any model can be read. */
type Connection = Awaited<ReturnType<PrismaLibSql['connect']>>

const book = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    TEXT PRIMARY KEY NOT NULL,
    "checksum"              TEXT NOT NULL,
    "finished_at"           DATETIME,
    "migration_name"        TEXT NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        DATETIME,
    "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
);`

interface Migration {
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

async function readMigrations(dir: string): Promise<Migration[]> {
  const entries = await readdir(dir, { withFileTypes: true })
  const names = entries.filter((e) => e.isDirectory()).map((e) => e.name)
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(dir, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

async function readApplied(db: Connection): Promise<Map<string, string>> {
  const { rows } = await db.queryRaw({
    sql: 'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    args: [],
    argTypes: [],
  })
  return new Map(rows.map(([name, checksum]) => [String(name), String(checksum)]))
}

/** One transaction: a crash in the middle leaves neither the tables nor the entry. */
function script({ name, sql, checksum }: Migration, now: number): string {
  const values = `'${randomUUID()}', '${checksum}', ${now}, '${name.replaceAll("'", "''")}', ${now}, 1`
  return `BEGIN IMMEDIATE;
${sql}
INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count) VALUES (${values});
COMMIT;`
}

/**
 * Applies what is missing and returns its names; applying again changes nothing.
 * Throws when the database was made by a newer version or a migration was edited after it had been applied.
 */
export async function migrate(db: Connection, dir: string): Promise<string[]> {
  await db.executeScript(book)
  const migrations = await readMigrations(dir)
  const applied = await readApplied(db)
  const known = new Map(migrations.map((m) => [m.name, m.checksum]))
  for (const [name, checksum] of applied) {
    const ours = known.get(name)
    if (ours === undefined) {
      throw new Error(
        `The database holds the migration ${name}, which this version does not know: use the newer Aviary`,
      )
    }
    if (ours !== checksum)
      throw new Error(`The migration ${name} was changed after it had been applied: restore its file`)
  }
  const missing = migrations.filter((m) => !applied.has(m.name))
  for (const migration of missing) await db.executeScript(script(migration, Date.now()))
  return missing.map((m) => m.name)
}
