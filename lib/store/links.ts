/** One-time links by the hash of their token. */
import type { PrismaClient } from './generated/client.ts'

export interface LinkRecord {
  readonly id: string
  readonly role: string
  readonly createdAt: Date
  readonly expiresAt: Date
}

export class Links {
  readonly #db: PrismaClient

  constructor(db: PrismaClient) {
    this.#db = db
  }

  async create(link: LinkRecord & { readonly tokenHash: string }): Promise<void> {
    await this.#db.link.create({ data: link })
  }

  /** Uses the link up and returns it; null when unknown, used or expired. Of two at once exactly one gets it. */
  async redeem(tokenHash: string, now: Date): Promise<LinkRecord | null> {
    const { count } = await this.#db.link.updateMany({
      where: { tokenHash, usedAt: null, expiresAt: { gt: now } },
      data: { usedAt: now },
    })
    return count === 1 ? this.#db.link.findUnique({ where: { tokenHash } }) : null
  }

  async removeExpired(now: Date): Promise<void> {
    await this.#db.link.deleteMany({ where: { expiresAt: { lte: now } } })
  }
}
