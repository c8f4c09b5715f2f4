/**
 * What is asked of Hive and Druid: the five questions of the original report, and who follows whom. Hive answers from the static
 * tables of the last load, Druid from the stream joined with the lookups that the load has published.
 */
import type { QuestionId } from './personality.ts'
import type { QueryEngine } from './query.ts'
import { datasource } from './stages.ts'

export interface Question {
  readonly engine: QueryEngine
  readonly sql: string
  /** Column whose texts name people. */
  readonly names?: string
}

/** The sum that the report calls interactions. */
const interactions = 'u.total_retweet_count + u.total_favorite_count + u.total_mentions_count'

const byType = (figures: string, order: string) => `SELECT l.mbti_personality AS mbti, ${figures}
FROM aviary.users u JOIN aviary.mbti_labels l ON u.id = l.id
GROUP BY l.mbti_personality
ORDER BY ${order} DESC`

export const questions: Readonly<Record<QuestionId, Question>> = {
  'top-users': {
    engine: 'hive',
    names: 'screen_name',
    sql: `SELECT u.id, u.screen_name, l.mbti_personality AS mbti, u.total_retweet_count AS retweets,
  u.total_favorite_count AS favourites, u.total_mentions_count AS mentions, ${interactions} AS interactions
FROM aviary.users u LEFT JOIN aviary.mbti_labels l ON u.id = l.id
ORDER BY interactions DESC, u.id
LIMIT 5`,
  },
  tweets: {
    engine: 'druid',
    sql: `SELECT LOOKUP(user_id, 'user_mbti') AS mbti, COUNT(*) AS tweets
FROM "${datasource}"
GROUP BY 1
ORDER BY 2 DESC`,
  },
  interactions: {
    engine: 'hive',
    sql: byType(
      'SUM(u.total_retweet_count) AS retweets, SUM(u.total_favorite_count) AS favourites, SUM(u.total_mentions_count) AS mentions',
      'retweets',
    ),
  },
  spread: {
    engine: 'hive',
    sql: byType(
      `COUNT(*) AS users, SUM(${interactions}) AS interactions, percentile(${interactions}, 0.5) AS median_per_user`,
      'interactions',
    ),
  },
  live: {
    engine: 'druid',
    sql: `SELECT TIME_FLOOR(__time, 'PT1M') AS "minute", LOOKUP(user_id, 'user_mbti') AS mbti, COUNT(*) AS tweets
FROM "${datasource}"
WHERE __time >= CURRENT_TIMESTAMP - INTERVAL '1' HOUR
GROUP BY 1, 2
ORDER BY 1`,
  },
  follows: {
    engine: 'hive',
    sql: `SELECT a.mbti_personality AS follower, b.mbti_personality AS followed, COUNT(*) AS edges
FROM aviary.edges e
JOIN aviary.mbti_labels a ON e.src = a.id
JOIN aviary.mbti_labels b ON e.dst = b.id
GROUP BY a.mbti_personality, b.mbti_personality
ORDER BY follower, followed`,
  },
}
