'use client'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import type { Words } from './charts.ts'

/** Columns of the questions, and their keys in the message files. */
export const columnNames = {
  id: 'id',
  screen_name: 'screenName',
  mbti: 'mbti',
  minute: 'minute',
  tweets: 'tweets',
  retweets: 'retweets',
  favourites: 'favourites',
  mentions: 'mentions',
  interactions: 'interactions',
  users: 'users',
  median_per_user: 'medianPerUser',
  follower: 'follower',
  followed: 'followed',
  edges: 'edges',
} as const

export const isColumn = (name: string): name is keyof typeof columnNames => name in columnNames

/** What the charts say, in the language of the page; the same object while the language stays. */
export function useWords(): Words {
  const t = useTranslations('personality')
  const column = useTranslations('personality.column')
  const f = useFormat()
  return useMemo(
    () => ({
      type: (type) => (type === null ? t('noType') : type.toUpperCase()),
      count: f.count,
      percent: f.percent,
      column: (name) => (isColumn(name) ? column(columnNames[name]) : name),
      time: f.minute,
    }),
    [t, column, f],
  )
}
