/** Sessions by the hash of their token: whoever reads the database cannot enter with what it holds. */
import type { PrismaClient } from './generated/client.ts'

export interface SessionRecord {
  readonly id: string
  readonly role: string
  readonly createdAt: Date
  readonly lastSeenAt: Date
  readonly expiresAt: Date
}

export class Sessions {
  readonly #db: PrismaClient

  constructor(db: PrismaClient) {
    this.#db = db
  }

  async create(session: SessionRecord & { readonly tokenHash: string }): Promise<void> {
    await this.#db.session.create({ data: session })
  }

  find(tokenHash: string): Promise<SessionRecord | null> {
    return this.#db.session.findUnique({ where: { tokenHash }, omit: { tokenHash: true } })
  }

  /** Newest first, expired ones included until they are swept. */
  list(): Promise<SessionRecord[]> {
    return this.#db.session.findMany({ omit: { tokenHash: true }, orderBy: { createdAt: 'desc' } })
  }

  /** No effect on a session that has been revoked meanwhile. */
  async touch(id: string, lastSeenAt: Date, expiresAt: Date): Promise<void> {
    await this.#db.session.updateMany({ where: { id }, data: { lastSeenAt, expiresAt } })
  }

  /** Whether it was there. */
  async remove(id: string): Promise<boolean> {
    const { count } = await this.#db.session.deleteMany({ where: { id } })
    return count > 0
  }

  /** Removes what has expired and returns the ids. */
  async removeExpired(now: Date): Promise<string[]> {
    const where = { expiresAt: { lte: now } }
    const expired = await this.#db.session.findMany({ where, select: { id: true } })
    if (expired.length > 0) await this.#db.session.deleteMany({ where })
    return expired.map((s) => s.id)
  }
}
