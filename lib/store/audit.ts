/** The audit log: acts of people and of the command line, newest first, bounded. */
import type { PrismaClient } from './generated/client.ts'

export interface AuditRecord {
  readonly id: number
  readonly at: Date
  readonly who: string
  readonly role: string
  /** `<thing>.<verb>`: `stack.start`, `run.stop`. */
  readonly act: string
  readonly subject: string | null
  /** `done`, or why it was not. */
  readonly outcome: string
}

const keep = 10_000

export class AuditLog {
  readonly #db: PrismaClient

  constructor(db: PrismaClient) {
    this.#db = db
  }

  async write(entry: Omit<AuditRecord, 'id'>): Promise<void> {
    const { id } = await this.#db.auditEntry.create({ data: entry })
    if (id % 100 === 0) await this.#db.auditEntry.deleteMany({ where: { id: { lte: id - keep } } })
  }

  /** At most `limit` entries older than `before` (an entry's id). */
  async list(limit: number, before?: number): Promise<AuditRecord[]> {
    return this.#db.auditEntry.findMany({
      where: before === undefined ? {} : { id: { lt: before } },
      orderBy: { id: 'desc' },
      take: limit,
    })
  }
}
