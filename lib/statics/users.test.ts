/** Profiles as users really bring them: a bad one costs only itself, and nothing is lost silently. */
import { expect, test } from 'vitest'
import { keptRejects } from '#lib/pipeline/statics.ts'
import { FileRefusal } from './refusal.ts'
import { array, balanced, large, person, readText } from './whole-file.ts'

test('a profile is one row, its id with every digit', async () => {
  const outcome = await readText('users', array(person({ verified: 'true' })))
  const cells = [large, 'QuietFinch1', 'Bogotá, Colombia', true, '12', '3', '4', '5', '6', '7']
  expect(outcome.rows).toEqual([cells])
  balanced(outcome)
})

test.each(['"NaN"', 'NaN', 'null'])('the location %s is none', async (location) => {
  expect((await readText('users', array(person({ location })))).rows[0]?.[2]).toBeNull()
})

test('an id given as text, and members of other files, are taken', async () => {
  const outcome = await readText('users', array(person({ id: `"${large}"`, extra: '{"a": [1, {"b": "]"}]}' })))
  expect(outcome.rows[0]?.[0]).toBe(large)
})

const bad: [string, string, string, string | null][] = [
  ['id', '12.5', 'the id is not a whole number', '12.5'],
  ['id', '1.27e18', 'the id is not a whole number', '1.27e18'],
  ['id', '-4', 'the id is not a whole number', '-4'],
  ['id', '"x1"', 'the id is not a whole number', 'x1'],
  ['id', 'null', 'the id is not a whole number', 'null'],
  ['id', '', '"id" is missing', null],
  ['screen_name', '7', '"screen_name" is not a text', '7'],
  ['location', '["x"]', '"location" is not a text', '["x"]'],
  ['verified', '"yes"', '"verified" is neither true nor false', 'yes'],
  ['statuses_count', '-1', '"statuses_count" is not a whole number from 0', '-1'],
  ['total_media_count', '1.5', '"total_media_count" is not a whole number from 0', '1.5'],
  ['total_favorite_count', '9223372036854775808', '"total_favorite_count" is not a whole number from 0', null],
  ['verified', '', '"verified" is missing', null],
]
test.each(bad)('%s: %s costs only that user', async (member, value, reason, found) => {
  const text = array(person({ id: '1' }), person({ [member]: value }), person({ id: '3' }))
  const outcome = await readText('users', text)
  expect(outcome.rows.map(([id]) => id)).toEqual(['1', '3'])
  expect(outcome.rejects).toMatchObject([{ line: 3, column: 1, element: 1, reason }])
  if (found !== null) expect(outcome.rejects[0]?.found).toBe(found)
  expect(outcome.reasons).toEqual({ [reason]: 1 })
  balanced(outcome)
})

test('the largest count that Hive can keep is kept', async () => {
  const outcome = await readText('users', array(person({ total_favorite_count: '9223372036854775807' })))
  expect(outcome.rows[0]?.[6]).toBe('9223372036854775807')
})

test('of two users with one id the first counts', async () => {
  const outcome = await readText('users', array(person({ screen_name: '"a"' }), person({ screen_name: '"b"' })))
  expect(outcome.rows.map((cells) => cells[1])).toEqual(['a'])
  expect(outcome.rejects).toMatchObject([{ element: 1, reason: 'the id has come before', found: large }])
  balanced(outcome)
})

test('what is no object is rejected', async () => {
  const outcome = await readText('users', array(person(), '7', '"x"', '[]'))
  expect(outcome.reasons).toEqual({ 'it is not an object': 3 })
  balanced(outcome)
})

test('a file whose first element lacks members is refused, with what was expected', async () => {
  const refused = readText('users', array('{"id": 1, "tweets": []}'))
  await expect(refused).rejects.toThrow(/line 2: screen_name, location, verified, .* is missing .*; expected an array/)
  await expect(readText('users', array('7'))).rejects.toThrow(FileRefusal)
})

test('only the first hundred rejects are kept, all are counted', async () => {
  const many = Array.from({ length: keptRejects + 20 }, () => person({ verified: '1' }))
  const outcome = await readText('users', array(person(), ...many))
  expect(outcome.rejected).toBe(keptRejects + 20)
  expect(outcome.rejects).toHaveLength(keptRejects)
  balanced(outcome)
})
