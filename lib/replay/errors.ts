/** Why a replay cannot do what was asked; the caller's fault or the state of things, never a crash. */

/**
 * `busy`: another run has not ended. `missing`: there is no such run. `ended`: the run is over. `file`: the tweets
 * file cannot be read. `invalid`: the options contradict each other.
 */
export type ReplayErrorCode = 'busy' | 'missing' | 'ended' | 'file' | 'invalid'

export class ReplayError extends Error {
  readonly code: ReplayErrorCode
  /** The next thing to do. */
  readonly hint: string
  constructor(code: ReplayErrorCode, message: string, hint: string) {
    super(message)
    this.name = 'ReplayError'
    this.code = code
    this.hint = hint
  }
}
