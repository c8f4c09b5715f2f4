/** The joint questions on stream and static data, and the shape of an answer; shared by server and pages. */
import type { QueryEngine } from './query.ts'
import type { SqlTable } from './sql.ts'

/** As the label files and the lookups spell them. */
export const mbtiTypes = [
  'intj',
  'intp',
  'entj',
  'entp',
  'infj',
  'infp',
  'enfj',
  'enfp',
  'istj',
  'isfj',
  'estj',
  'esfj',
  'istp',
  'isfp',
  'estp',
  'esfp',
] as const

export const questionIds = ['top-users', 'tweets', 'interactions', 'spread', 'live', 'follows'] as const
export type QuestionId = (typeof questionIds)[number]

export interface Answer {
  readonly question: QuestionId
  readonly engine: QueryEngine
  /** Exactly what the engine was asked. */
  readonly sql: string
  readonly table: SqlTable
  /** When the engine answered, ms since the epoch. */
  readonly at: number
  /** How long the engine took, ms. */
  readonly tookMs: number
  /** Screen names are cut to their first letter. */
  readonly masked: boolean
}
