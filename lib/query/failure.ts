/** Why a query failed, for the person who wrote it: the engine's own words, the place that it names, the next action. */
import { EngineError } from '#lib/engines/errors.ts'
import { HttpRejection, httpStatus } from '#lib/engines/http.ts'
import { parseExact } from '#lib/engines/json.ts'
import type { QueryEngine, SqlPosition } from '#lib/pipeline/query.ts'
import { Problem } from '#lib/problem.ts'

/** Druid lists every word that it would have taken. */
const longestReason = 300

/** A Problem where a person can do something about it; any other error as it is. */
export function explain(error: unknown, engine: QueryEngine, timeoutMs: number): unknown {
  if (!(error instanceof EngineError)) return error
  const name = engine === 'druid' ? 'Druid' : 'Hive'
  // Druid ends a query at its time limit by itself, with the status of a gateway.
  if (error.code === 'timeout' || httpStatus(error) === 504)
    return new Problem(504, `${name} did not finish within ${timeoutMs / 1_000} s and was told to stop`, {
      hint: 'Ask for less, or give it more time.',
    })
  if (/^.* its reply is larger than \d+ bytes$/s.test(error.message))
    return new Problem(413, `The answer of ${name} is too large to be taken`, {
      hint: 'Ask for fewer rows or columns.',
    })
  if (error.code !== 'rejected') return error
  const said = reason(error)
  const position = positionIn(said, engine)
  const hint = hintFor(said) ?? (position ? 'Correct the marked place.' : 'Read what it says.')
  return new Problem(422, `${name} refused the query: ${shortened(said)}`, { hint, ...(position && { position }) })
}

/** Of Druid the whole text of its error body; Hive's message begins with what our client says. */
function reason({ cause, message }: EngineError): string {
  if (!(cause instanceof HttpRejection)) return message.replace(/^Hive refused the statement: /, '')
  try {
    const { errorMessage, error } = parseExact(cause.body) as Record<string, unknown>
    return String(errorMessage ?? error ?? cause.body)
  } catch {
    return cause.body
  }
}

const shortened = (text: string): string => (text.length > longestReason ? `${text.slice(0, longestReason)}…` : text)

/** Druid 33 says `(line [1], column [8])` or `at line 1, column 8`, both from 1; Hive 4 says `line 1:7`, where columns begin with 0. */
export function positionIn(said: string, engine: QueryEngine): SqlPosition | undefined {
  const pattern = engine === 'druid' ? /line \[?(\d+)\]?, column \[?(\d+)/ : /\bline (\d+):(\d+)/i
  const [, line, column] = pattern.exec(said) ?? []
  // Hive also names no place so.
  if (line === undefined || column === undefined || Number(line) < 1) return undefined
  return { line: Number(line), column: Number(column) + (engine === 'hive' ? 1 : 0) }
}

function hintFor(said: string): string | null {
  if (/Object 'tweets' not found/.test(said))
    return 'Druid knows the datasource once a tweet has arrived: start a replay, or wait for its Broker.'
  if (/Lookup \[user_\w+\] not found/.test(said))
    return "Druid has the users' data once the static tables are loaded: load them on the page Personality."
  return null
}
