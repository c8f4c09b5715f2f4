/** What the console remembers between starts: runs, sessions, links, audit. The only room of Prisma. */
import { join } from 'node:path'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { AuditLog } from './audit.ts'
import { PrismaClient } from './generated/client.ts'
import { Links } from './links.ts'
import { migrate } from './migrate.ts'
import { Runs } from './runs.ts'
import { Sessions } from './sessions.ts'

export type { AuditRecord } from './audit.ts'
export type { LinkRecord } from './links.ts'
export type { SessionRecord } from './sessions.ts'

export interface Store {
  readonly runs: Runs
  readonly sessions: Sessions
  readonly links: Links
  readonly audit: AuditLog
  close(): Promise<void>
}

export const migrationsDir = join(import.meta.dirname, '..', '..', 'prisma', 'migrations')

/** Opens the SQLite file, migrates it, and keeps one connection. Throws when the file cannot be used. */
export async function openStore(file: string): Promise<Store> {
  const adapter = new PrismaLibSql({ url: `file:${file}` })
  const db = await adapter.connect()
  try {
    // WAL: a reader never waits for the writer. Kept in the file itself.
    await db.executeScript('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;')
    await migrate(db, migrationsDir)
  } finally {
    await db.dispose()
  }
  const prisma = new PrismaClient({ adapter })
  return {
    runs: new Runs(prisma),
    sessions: new Sessions(prisma),
    links: new Links(prisma),
    audit: new AuditLog(prisma),
    close: () => prisma.$disconnect(),
  }
}
