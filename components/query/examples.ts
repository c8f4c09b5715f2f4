/** Queries to begin with: what the stream and the static tables can be asked together. */
import type { QueryEngine } from '#lib/pipeline/query.ts'
import { datasource } from '#lib/pipeline/stages.ts'

export interface Example {
  /** Key of its title in the message files. */
  readonly id:
    | 'liveByType'
    | 'perMinute'
    | 'latest'
    | 'topUsers'
    | 'interactionsByType'
    | 'landedByType'
    | 'follows'
    | 'tables'
  readonly engine: QueryEngine
  readonly sql: string
}

export const examples: readonly Example[] = [
  {
    id: 'liveByType',
    engine: 'druid',
    sql: `SELECT LOOKUP(user_id, 'user_mbti') AS mbti, COUNT(*) AS tweets
FROM "${datasource}"
GROUP BY 1
ORDER BY 2 DESC`,
  },
  {
    id: 'perMinute',
    engine: 'druid',
    sql: `SELECT TIME_FLOOR(__time, 'PT1M') AS "minute", LOOKUP(user_id, 'user_mbti') AS mbti, COUNT(*) AS tweets
FROM "${datasource}"
WHERE __time >= CURRENT_TIMESTAMP - INTERVAL '1' HOUR
GROUP BY 1, 2
ORDER BY 1 DESC, 3 DESC`,
  },
  {
    id: 'latest',
    engine: 'druid',
    sql: `SELECT __time, user_id, tweet, run_id, seq
FROM "${datasource}"
ORDER BY __time DESC
LIMIT 100`,
  },
  {
    id: 'topUsers',
    engine: 'hive',
    sql: `SELECT id, screen_name,
  total_retweet_count + total_favorite_count + total_mentions_count AS interactions
FROM aviary.users
ORDER BY interactions DESC
LIMIT 20`,
  },
  {
    id: 'interactionsByType',
    engine: 'hive',
    sql: `SELECT l.mbti_personality AS mbti, COUNT(*) AS users,
  SUM(u.total_retweet_count) AS retweets,
  SUM(u.total_favorite_count) AS favourites,
  SUM(u.total_mentions_count) AS mentions
FROM aviary.users u
JOIN aviary.mbti_labels l ON u.id = l.id
GROUP BY l.mbti_personality
ORDER BY users DESC`,
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
  {
    id: 'follows',
    engine: 'hive',
    sql: `SELECT a.mbti_personality AS follower, b.mbti_personality AS followed, COUNT(*) AS edges
FROM aviary.edges e
JOIN aviary.mbti_labels a ON e.src = a.id
JOIN aviary.mbti_labels b ON e.dst = b.id
GROUP BY a.mbti_personality, b.mbti_personality
ORDER BY edges DESC`,
  },
  { id: 'tables', engine: 'hive', sql: 'SHOW TABLES IN aviary' },
]

/** What stands in the editor before anybody has written. */
export const firstQuery = (engine: QueryEngine): string => examples.find((e) => e.engine === engine)?.sql ?? ''
