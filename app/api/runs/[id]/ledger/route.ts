import { handle } from '../../../handle.ts'
import { findRun } from '../../find.ts'

const patienceMs = 30_000

/** Counted anew by asking the engines, unless it was counted to its end already; what could not be asked is null. */
export const GET = handle({ role: 'viewer' }, async ({ console, params, request }) => {
  const { id, ledger } = findRun(console, params.id)
  // `lost` is known only at the end, and then nothing changes any more.
  if (ledger !== null && ledger.lost !== null) return ledger
  return console.ledger.count(id, AbortSignal.any([request.signal, AbortSignal.timeout(patienceMs)]))
})
