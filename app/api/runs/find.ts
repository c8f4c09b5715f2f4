/** Runs as callers see them: each with what the ledger knows of it by now. */
import type { Console } from '#lib/console.ts'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { Problem } from '#lib/problem.ts'

/** Newest first. */
export const listRuns = ({ replays, ledger }: Console): RunSnapshot[] =>
  replays.list().map((run) => ({ ...run, ledger: ledger.current(run.id) ?? run.ledger }))

/** The run that a URL names; `last` is the newest. Throws Problem 404. */
export function findRun(console: Console, id: string | undefined): RunSnapshot {
  const runs = listRuns(console)
  const found = id === 'last' ? runs[0] : runs.find((run) => run.id === id)
  if (found !== undefined) return found
  throw new Problem(404, id === 'last' ? 'Nothing has been replayed yet' : `There is no run ${id}`)
}
