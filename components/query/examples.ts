/** Queries to begin with: the joint questions, and what else the stream and the static tables can be asked. */
import { type QuestionId, questionIds } from '#lib/pipeline/personality.ts'
import type { QueryEngine } from '#lib/pipeline/query.ts'
import { questions } from '#lib/pipeline/questions.ts'
import { datasource } from '#lib/pipeline/stages.ts'

export interface Example {
  /** Key of its title in the message files: there the questions have theirs already. */
  readonly id: QuestionId | 'latest' | 'landedByType' | 'tables'
  readonly engine: QueryEngine
  readonly sql: string
}

export const isQuestion = (id: Example['id']): id is QuestionId => id in questions

export const examples: readonly Example[] = [
  ...questionIds.map((id) => ({ id, engine: questions[id].engine, sql: questions[id].sql })),
  {
    id: 'latest',
    engine: 'druid',
    sql: `SELECT __time, user_id, tweet, run_id, seq
FROM "${datasource}"
ORDER BY __time DESC
LIMIT 100`,
  },
  {
    id: 'landedByType',
    engine: 'hive',
    sql: `SELECT l.mbti_personality AS mbti, COUNT(*) AS tweets
FROM aviary.tweets_landed t
LEFT JOIN aviary.mbti_labels l ON t.user_id = l.id
GROUP BY l.mbti_personality
ORDER BY tweets DESC`,
  },
  { id: 'tables', engine: 'hive', sql: 'SHOW TABLES IN aviary' },
]

/** What stands in the editor before anybody has written. */
export const firstQuery = (engine: QueryEngine): string => examples.find((e) => e.engine === engine)?.sql ?? ''
