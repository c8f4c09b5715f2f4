/** The readers held against JSON.parse and plain code, wherever the bytes are cut. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mbtiTypes } from '#lib/pipeline/personality.ts'
import { personalityId } from '#lib/sample/index.ts'
import { readPieces } from './whole-file.ts'

const id = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String)
const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 })
const text = fc.string({ unit: 'grapheme' })
/** JSON whose ids, marked here, stand as bare numbers. */
const bare = (value: unknown, indent: number | undefined) =>
  Buffer.from(JSON.stringify(value, null, indent).replace(/"#(\d+)"/g, '$1'))
const indent = fc.constantFrom(undefined, 4)

describe('users', () => {
  const count = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map((n) => `#${n}`)
  const user = fc.record({
    screen_name: text,
    location: text,
    verified: fc.boolean(),
    statuses_count: count,
    total_retweet_count: count,
    total_favorite_count: count,
    total_hashtag_count: count,
    total_mentions_count: count,
    total_media_count: count,
    id: id.map((digits) => `#${digits}`),
  })

  it('come out as they went in', async () => {
    const users = fc.uniqueArray(user, { selector: (u) => u.id, minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(users, sizes, indent, async (list, cuts, spaces) => {
        // The mark must not be met in a text.
        fc.pre(!list.some((u) => /^#\d+$/.test(u.screen_name) || /^#\d+$/.test(u.location)))
        const outcome = await readPieces('users', bare(list, spaces), cuts)
        const digits = (value: string) => value.slice(1)
        expect(outcome.rows).toEqual(
          list.map((u) => [
            ...[digits(u.id), u.screen_name, u.location === 'NaN' ? null : u.location, u.verified],
            ...[u.statuses_count, u.total_retweet_count, u.total_favorite_count].map(digits),
            ...[u.total_hashtag_count, u.total_mentions_count, u.total_media_count].map(digits),
          ]),
        )
        expect(outcome).toMatchObject({ read: list.length, loaded: list.length, rejected: 0 })
      }),
    )
  })
})

describe('edges', () => {
  const few = fc.constantFrom('1', '2', '3', '9007199254740993', '9007199254740992')
  const ids = fc.array(few, { maxLength: 5 })
  const follower = fc.record({
    id: few,
    follows: ids,
    is_followed_by: ids,
    asText: fc.tuple(fc.boolean(), fc.boolean()),
  })

  it('are the distinct pairs of both lists, in their direction', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(follower, { minLength: 1, maxLength: 8 }),
        sizes,
        indent,
        async (list, cuts, spaces) => {
          const written = (entries: string[], asText: boolean) =>
            asText ? entries.join(', ') : entries.map((entry) => `#${entry}`)
          const file = list.map((f) => ({
            follows: written(f.follows, f.asText[0]),
            is_followed_by: written(f.is_followed_by, f.asText[1]),
            id: `#${f.id}`,
          }))
          const outcome = await readPieces('edges', bare(file, spaces), cuts)
          const entries = list.flatMap((f) => [
            ...f.follows.map((other) => `${f.id} ${other}`),
            ...f.is_followed_by.map((other) => `${other} ${f.id}`),
          ])
          const distinct = new Set(entries)
          expect(outcome.rows.map((cells) => cells.join(' '))).toEqual([...distinct])
          expect(outcome).toMatchObject({
            read: entries.length,
            duplicates: entries.length - distinct.size,
            rejected: 0,
          })
        },
      ),
    )
  })
})

describe('labels', () => {
  const row = fc.record({
    id,
    type: fc.constantFrom(...mbtiTypes),
    wrong: fc.boolean(),
    space: fc.constantFrom('', ' ', '\t'),
    upper: fc.boolean(),
  })

  it('are loaded where type and number agree, and rejected where not', async () => {
    const rows = fc.uniqueArray(row, { selector: (r) => r.id, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(rows, sizes, fc.constantFrom('\n', '\r\n'), async (list, cuts, newline) => {
        const number = (r: (typeof list)[number]) => personalityId(r.type) + (r.wrong ? 1 : 0)
        const lines = list.map((r) => `${r.id},${r.upper ? r.type.toUpperCase() : r.type},${r.space}${number(r)}`)
        const file = ['id,mbti_personality,pers_id', ...lines].join(newline)
        const outcome = await readPieces('mbti_labels', Buffer.from(file), cuts)
        const right = list.filter((r) => !r.wrong)
        expect(outcome.rows).toEqual(right.map((r) => [r.id, r.type, personalityId(r.type)]))
        expect(outcome.rejected).toBe(list.length - right.length)
        expect(outcome.read).toBe(list.length)
      }),
    )
  })
})
