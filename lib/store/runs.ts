/** Runs as the replay reports them; also the repository that `lib/replay` asks for. */
import { Ledger } from '#lib/pipeline/ledger.ts'
import { RunOptions, RunProgress } from '#lib/pipeline/run.ts'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import type { PrismaClient } from './generated/client.ts'

interface RunRow {
  readonly id: string
  readonly createdAt: Date
  readonly options: string
  readonly progress: string
  readonly ledger: string | null
}

function toSnapshot(row: RunRow): RunSnapshot {
  return {
    id: row.id,
    createdAt: row.createdAt.getTime(),
    options: RunOptions.parse(JSON.parse(row.options)),
    progress: RunProgress.parse(JSON.parse(row.progress)),
    ledger: row.ledger === null ? null : Ledger.parse(JSON.parse(row.ledger)),
  }
}

export class Runs {
  readonly #db: PrismaClient

  constructor(db: PrismaClient) {
    this.#db = db
  }

  /** Never clears a ledger: the replay saves progress and knows no ledger. */
  async save(run: RunSnapshot): Promise<void> {
    const progress = JSON.stringify(run.progress)
    const ledger = run.ledger === null ? undefined : JSON.stringify(run.ledger)
    await this.#db.run.upsert({
      where: { id: run.id },
      create: {
        id: run.id,
        createdAt: new Date(run.createdAt),
        options: JSON.stringify(run.options),
        progress,
        ledger,
      },
      update: { progress, ledger },
    })
  }

  /** No effect on a run that is not stored yet. */
  async saveLedger(ledger: Ledger): Promise<void> {
    await this.#db.run.updateMany({ where: { id: ledger.runId }, data: { ledger: JSON.stringify(ledger) } })
  }

  /** Newest first. */
  async list(): Promise<RunSnapshot[]> {
    const rows = await this.#db.run.findMany({ orderBy: { createdAt: 'desc' } })
    return rows.map(toSnapshot)
  }
}
