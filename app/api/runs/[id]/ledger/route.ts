import { handle } from '../../../handle.ts'
import { findRun } from '../../find.ts'

const patienceMs = 30_000

/** Counted anew by asking the engines, unless it was counted to its end already; what could not be asked is null. */
export const GET = handle({ role: 'viewer' }, async ({ console, params }) => {
  const { id, ledger } = findRun(console, params.id)
  // `lost` is known only at the end, and then nothing changes any more.
  if (ledger !== null && ledger.lost !== null) return ledger
  // Others may be waiting for the same count: one caller that leaves must not end it.
  return console.ledger.count(id, AbortSignal.timeout(patienceMs))
})
