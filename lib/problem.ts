/** What goes back to a caller when a request cannot be done: problem details of RFC 9457. */

/** Body of every error reply, `application/problem+json`. */
export interface ProblemBody {
  readonly title: string
  readonly status: number
  /** What happened, in one sentence. */
  readonly detail: string
  /** The next action for a person. */
  readonly hint?: string
  /** Where in a text of the caller's the reason stands; both count from 1. */
  readonly position?: { readonly line: number; readonly column: number }
}

/** A refusal with its HTTP status; thrown by what is called, mapped once at the edge. */
export class Problem extends Error {
  readonly status: number
  readonly hint: string | undefined
  /** Seconds after which the same request may succeed. */
  readonly retryAfter: number | undefined
  readonly position: ProblemBody['position']

  constructor(
    status: number,
    message: string,
    options: { hint?: string; retryAfter?: number; position?: ProblemBody['position'] } = {},
  ) {
    super(message)
    this.name = 'Problem'
    this.status = status
    this.hint = options.hint
    this.retryAfter = options.retryAfter
    this.position = options.position
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'The request cannot be understood',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Not possible in the present state',
  413: 'The request is too large',
  421: 'Unknown host name',
  422: 'The request is not valid',
  429: 'Too many attempts',
  500: 'The console failed',
  502: 'An engine answered with an error',
  503: 'Not available at present',
  504: 'An engine did not answer in time',
}

/** Status that an engine's refusal becomes; keys are the codes of `EngineError`. */
const engineStatus: Readonly<Record<string, number>> = {
  unreachable: 503,
  timeout: 504,
  unauthorized: 502,
  rejected: 409,
  'unexpected-reply': 502,
}

/** Status that a refusal of the replay becomes; keys are the codes of `ReplayError`. */
const replayStatus: Readonly<Record<string, number>> = { busy: 409, missing: 404, ended: 409, file: 422, invalid: 422 }

interface Shape {
  readonly name: string
  readonly message: string
  readonly status?: unknown
  readonly code?: unknown
  readonly hint?: unknown
  readonly position?: ProblemBody['position']
}

/**
 * The reply for any error. Tells errors by their name, not their class: server and route handlers load the same
 * module twice. What is not meant for the caller becomes a bare 500.
 */
export function toProblemBody(error: unknown): ProblemBody {
  const shape = error instanceof Error ? (error as Shape) : { name: '', message: '' }
  const status = statusOf(shape)
  const title = titles[status] ?? 'The request failed'
  if (status === 500) return { title, status, detail: 'An unexpected error; the log of the console has the details' }
  const hint = typeof shape.hint === 'string' ? { hint: shape.hint } : {}
  const position = shape.name === 'Problem' && shape.position ? { position: shape.position } : {}
  return { title, status, detail: shape.message, ...hint, ...position }
}

function statusOf(error: Shape): number {
  if (error.name === 'Problem' && typeof error.status === 'number') return error.status
  if (error.name === 'EngineError' && typeof error.code === 'string') return engineStatus[error.code] ?? 502
  if (error.name === 'ReplayError' && typeof error.code === 'string') return replayStatus[error.code] ?? 409
  return 500
}
