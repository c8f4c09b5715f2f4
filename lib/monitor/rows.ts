/** All rows of the datasource and the newest of them, asked no oftener than they can have changed. */
import type { DruidEngine } from '#lib/engines/druid/index.ts'
import { datasource } from '#lib/pipeline/stages.ts'

const movingMs = 2_000
const restingMs = 15_000
/** Rows come a moment after their records: so long after the last record the count still moves. */
const afterglowMs = 20_000
const withinMs = 5_000

export class Rows {
  readonly #druid: Pick<DruidEngine, 'sqlOnTweets'>
  #total: number | null = null
  #newestAt: number | null = null
  #askedAt = 0
  #asking = false
  #records = -1
  #movedAt = 0

  constructor(druid: Pick<DruidEngine, 'sqlOnTweets'>) {
    this.#druid = druid
  }

  /** Null: could not be asked. */
  get total(): number | null {
    return this.#total
  }

  /** Kafka's time of the newest row, ms since the epoch; null while there is none or it could not be asked. */
  get newestAt(): number | null {
    return this.#newestAt
  }

  /** Asks when it is due; `records` is what has passed in Kafka. */
  async refresh(records: number, signal: AbortSignal): Promise<void> {
    const now = Date.now()
    if (records !== this.#records) this.#movedAt = now
    this.#records = records
    const every = now - this.#movedAt < afterglowMs ? movingMs : restingMs
    if (this.#asking || now - this.#askedAt < every) return
    this.#asking = true
    try {
      const query = `SELECT COUNT(*), MAX(kafka_ts) FROM "${datasource}"`
      const limit = AbortSignal.any([signal, AbortSignal.timeout(withinMs)])
      const table = await this.#druid.sqlOnTweets(query, { signal: limit })
      const [total = 0, newestAt = null] = table?.rows[0] ?? []
      this.#total = table === null ? null : Number(total)
      this.#newestAt = typeof newestAt === 'number' && newestAt > 0 ? newestAt : null
    } catch {
      this.#total = null
      this.#newestAt = null
    } finally {
      this.#asking = false
      this.#askedAt = Date.now()
    }
  }
}
