/** What can go wrong when an engine is asked something. */
import type { EngineId } from '#lib/pipeline/stages.ts'

export type EngineErrorCode = 'unreachable' | 'timeout' | 'unauthorized' | 'rejected' | 'unexpected-reply'

/** What to do where it is not Aviary that runs the engine. */
export const lookElsewhere = 'Aviary does not run it: look at it where it runs, and at its address in settings.json.'

export class EngineError extends Error {
  readonly engine: EngineId
  readonly code: EngineErrorCode
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retry: boolean
  /** The next action for a person. */
  readonly hint: string

  constructor(engine: EngineId, code: EngineErrorCode, message: string, options: { hint: string; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.name = 'EngineError'
    this.engine = engine
    this.code = code
    this.retry = code === 'unreachable' || code === 'timeout'
    this.hint = options.hint
  }
}
