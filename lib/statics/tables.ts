/** What each static table is made of: its files, how they are read, and its columns in Hive. */
import type { StaticTable } from '#lib/pipeline/statics.ts'
import { readEdges } from './edges.ts'
import { readLabels } from './labels.ts'
import type { Read } from './reading.ts'
import { readTweets } from './tweets.ts'
import { readUsers } from './users.ts'

export interface TableDefinition {
  /** Names that the file may have, the first one found counts; each also with `.gz` behind it. */
  readonly files: readonly string[]
  readonly read: Read
  /** Name and Hive type, in the order in which the reader gives them. Ids are text: 15 % of them exceed 2^53. */
  readonly columns: readonly (readonly [name: string, type: string])[]
  /** What the file holds. */
  readonly what: string
}

export const definitions: Readonly<Record<StaticTable, TableDefinition>> = {
  users: {
    files: ['users1.json'],
    read: readUsers,
    columns: [
      ['id', 'string'],
      ['screen_name', 'string'],
      ['location', 'string'],
      ['verified', 'boolean'],
      ['statuses_count', 'bigint'],
      ['total_retweet_count', 'bigint'],
      ['total_favorite_count', 'bigint'],
      ['total_hashtag_count', 'bigint'],
      ['total_mentions_count', 'bigint'],
      ['total_media_count', 'bigint'],
    ],
    what: 'users',
  },
  edges: {
    files: ['edges1.json'],
    read: readEdges,
    columns: [
      ['src', 'string'],
      ['dst', 'string'],
    ],
    what: 'edges',
  },
  mbti_labels: {
    files: ['mbti_labels.csv'],
    read: readLabels,
    columns: [
      ['id', 'string'],
      ['mbti_personality', 'string'],
      ['pers_id', 'int'],
    ],
    what: 'labels',
  },
  tweets: {
    files: ['tweets1.json', 'tweets.json'],
    read: readTweets,
    columns: [
      ['user_id', 'string'],
      ['position', 'int'],
      ['tweet', 'string'],
    ],
    what: 'tweets',
  },
}

/** Users come first, so that the other files' rows can be held against them. */
export const readingOrder: readonly StaticTable[] = ['users', 'mbti_labels', 'edges', 'tweets']
/** What a load takes without being asked for more. */
export const standardTables: readonly StaticTable[] = ['users', 'edges', 'mbti_labels']
