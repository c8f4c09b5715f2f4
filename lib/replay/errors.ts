/** Why a replay cannot do what was asked; the caller's fault or the state of things, never a crash. */
import { Problem } from '#lib/problem.ts'

/**
 * `busy`: another run has not ended. `missing`: there is no such run. `ended`: the run is over. `file`: the tweets
 * file cannot be read. `invalid`: the options contradict each other.
 */
export type ReplayErrorCode = 'busy' | 'missing' | 'ended' | 'file' | 'invalid'

const status: Record<ReplayErrorCode, number> = { busy: 409, missing: 404, ended: 409, file: 422, invalid: 422 }

/** A Problem, so that the edge knows its HTTP status; `hint` is the next thing to do. */
export class ReplayError extends Problem {
  readonly code: ReplayErrorCode
  constructor(code: ReplayErrorCode, message: string, hint: string) {
    super(status[code], message, { hint })
    this.code = code
  }
}
