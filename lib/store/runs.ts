/** Runs as the replay reports them; also the repository that `lib/replay` asks for. */
import type { z } from 'zod'
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

/** null when it cannot be read: another version may have written it. */
function read<T>(shape: z.ZodType<T>, text: string): T | null {
  try {
    return shape.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

/** null for a run that cannot be read. A ledger that cannot is left out, for it can be counted anew. */
function toSnapshot(row: RunRow): RunSnapshot | null {
  const options = read(RunOptions, row.options)
  const progress = read(RunProgress, row.progress)
  const ledger = row.ledger === null ? null : read(Ledger, row.ledger)
  if (options === null || progress === null) return null
  return { id: row.id, createdAt: row.createdAt.getTime(), options, progress, ledger }
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

  /** Newest first. One that cannot be read stays in the database and is left out with a warning, so that the others can be used. */
  async list(): Promise<RunSnapshot[]> {
    const rows = await this.#db.run.findMany({ orderBy: { createdAt: 'desc' } })
    return rows.flatMap((row) => {
      const run = toSnapshot(row)
      if (run === null) process.emitWarning(`The stored run ${row.id} cannot be read and is left out`)
      return run ?? []
    })
  }
}
