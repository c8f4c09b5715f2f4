/** What holds for every file, and tweets. */
import { gzipSync } from 'node:zlib'
import { describe, expect, it, test } from 'vitest'
import type { StaticTable } from '#lib/pipeline/statics.ts'
import { FileRefusal } from './refusal.ts'
import { array, balanced, large, person, readBytes, readText } from './whole-file.ts'

describe('tweets1.json', () => {
  test('numbers the tweets of each user from 0', async () => {
    const outcome = await readText('tweets', `[{"tweets": ["a", "b\\n"], "id": ${large}}, {"id": 2, "tweets": []}]`)
    expect(outcome.rows).toEqual([
      [large, 0, 'a'],
      [large, 1, 'b\n'],
    ])
    balanced(outcome)
  })

  test('takes single messages too, and goes on counting', async () => {
    const line = (id: number, tweet: string) => `{"user_id": ${id}, "tweet": "${tweet}"}\n`
    const outcome = await readText('tweets', line(1, 'a') + line(2, 'b') + line(1, 'c'))
    expect(outcome.rows).toEqual([
      ['1', 0, 'a'],
      ['2', 0, 'b'],
      ['1', 1, 'c'],
    ])
  })

  test('rejects what is no tweet, counted by what is wrong', async () => {
    const text = '[{"tweets": ["a", 7, null], "id": 1}, {"tweets": ["b"], "id": "x"}, {"tweets": ["c"], "id": "y"}]'
    const outcome = await readText('tweets', text)
    expect(outcome.reasons).toEqual({ 'the text is not a string': 2, 'the id is not an integer': 2 })
    expect(outcome.rejects.map(({ found }) => found)).toEqual([null, null, '"x"', '"y"'])
    balanced(outcome)
  })
})

describe('every JSON file', () => {
  const good: [StaticTable, string][] = [
    ['users', array(person(), person({ id: '2' }))],
    [
      'edges',
      array('{"follows": [1], "is_followed_by": [], "id": 2}', '{"follows": [1], "is_followed_by": [], "id": 3}'),
    ],
    ['tweets', '[{"tweets": ["a"], "id": 1},\n{"tweets": ["b"], "id": 2}\n]'],
  ]

  it.each(good)('%s: may be packed, have a byte order mark, and be lines', async (table, text) => {
    const { rows } = await readText(table, text)
    expect(rows).toHaveLength(2)
    expect((await readText(table, `\ufeff${text}`)).rows).toEqual(rows)
    expect((await readBytes(table, gzipSync(text))).rows).toEqual(rows)
    const lines = text
      .trim()
      .replace(/^\[\s*/, '')
      .replace(/\s*\]$/, '')
      .replaceAll('},\n', '}\n')
    expect((await readText(table, lines)).rows).toEqual(rows)
  })

  it.each(good)('%s: cut off anywhere it is refused', async (table, text) => {
    // The last character closes the array.
    for (let end = 1; end < text.length; end += 7)
      await expect(readBytes(table, Buffer.from(text.slice(0, end)))).rejects.toThrow(FileRefusal)
  })

  it.each(good)('%s: packed data that break off are refused', async (table, text) => {
    const packed = gzipSync(text)
    await expect(readBytes(table, packed.subarray(0, packed.length - 9))).rejects.toThrow(/cannot be unpacked further/)
  })

  it.each(good)('%s: nothing, or what is no JSON, is refused', async (table, text) => {
    for (const wrong of ['', 'id,name\n1,2\n', `${text} x`, text.replace('},', '}')])
      await expect(readBytes(table, Buffer.from(wrong))).rejects.toThrow(FileRefusal)
  })

  it.each(good)('%s: an empty array has no row', async (table) => {
    expect(await readText(table, '[]')).toMatchObject({ read: 0, loaded: 0 })
  })
})
