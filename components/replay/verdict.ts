/** What a ledger proves. Pure. */
import type { Ledger } from '#lib/pipeline/ledger.ts'
import { endedStates } from '#lib/pipeline/run.ts'

/** `exact`: ended, everything sent is in Druid or among the dead letters, nothing is there twice. */
export type Verdict = 'uncounted' | 'open' | 'unknown' | 'exact' | 'faulty'

export function verdictOf(ledger: Ledger | null): Verdict {
  if (ledger === null) return 'uncounted'
  if ((ledger.lost ?? 0) > 0 && endedStates.includes(ledger.state)) return 'faulty'
  if ((ledger.duplicates ?? 0) > 0) return 'faulty'
  if (!endedStates.includes(ledger.state)) return 'open'
  return ledger.lost === null || ledger.duplicates === null ? 'unknown' : 'exact'
}

/** What a stage has less (negative) or more than was sent; null where either could not be asked. */
export const againstSent = (count: number | null, sent: number | null): number | null =>
  count === null || sent === null ? null : count - sent

/** Distinct rows are counted less often than rows; a second apart is as good as together. */
const togetherMs = 1_000

/** When the distinct rows were counted, if that was so long before the rest that the two cannot be compared; else null. */
export const olderCountAt = ({ druidDistinctAt, countedAt }: Ledger): number | null =>
  druidDistinctAt !== null && countedAt - druidDistinctAt > togetherMs ? druidDistinctAt : null
