import { describe, expect, it } from 'vitest'
import { type StaticLookup, type StaticTableSnapshot, staticLookups } from '#lib/pipeline/statics.ts'
import { outdatedLookups } from './lookups.ts'

const table = (name: StaticTableSnapshot['name'], stamp: string): StaticTableSnapshot => ({
  ...{
    name,
    stamp,
    rows: 1,
    read: 1,
    loaded: 1,
    duplicates: 0,
    rejected: 0,
    unknownUsers: 0,
    reasons: {},
    rejects: [],
  },
  ...{ loadedAt: 0, file: '', bytes: 0, sha256: '', synthetic: false },
})
const stamps = (mbti: string | null, others: string | null) =>
  new Map<StaticLookup, string | null>(staticLookups.map((name) => [name, name === 'user_mbti' ? mbti : others]))

describe('lookups are outdated', () => {
  const loaded = [table('users', 'u1'), table('mbti_labels', 'l1')]

  it('never while both sides name the same loads', () => {
    expect(outdatedLookups(loaded, stamps('l1', 'u1'))).toEqual([])
    expect(outdatedLookups([], stamps(null, 'empty'))).toEqual([])
    expect(outdatedLookups([table('edges', 'e1'), table('tweets', 't1')], stamps('empty', null))).toEqual([])
  })

  it('when the console died between Hive and Druid: only those of the table that changed', () => {
    expect(outdatedLookups(loaded, stamps('l0', 'u1'))).toEqual(['user_mbti'])
    expect(outdatedLookups(loaded, stamps('l1', 'u0'))).toEqual(['user_verified', 'user_location', 'user_interactions'])
    expect(outdatedLookups(loaded, stamps(null, null))).toEqual([...staticLookups])
  })

  it('when Hive has lost a table', () => {
    expect(outdatedLookups([table('users', 'u1')], stamps('l1', 'u1'))).toEqual(['user_mbti'])
  })
})
