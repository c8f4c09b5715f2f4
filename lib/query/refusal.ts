import type { SqlPosition } from '#lib/pipeline/query.ts'
import { Problem } from '#lib/problem.ts'

export function positionOf(sql: string, at: number): SqlPosition {
  const before = sql.slice(0, at)
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') }
}

/** A statement that no engine gets to see, with the place that is the reason. */
export function refusal(sql: string, at: number, what: string): Problem {
  const position = positionOf(sql, at)
  return new Problem(422, `${what} (line ${position.line}, column ${position.column})`, { position })
}
