/** Who follows whom, in the shapes that files have. */
import { expect, test } from 'vitest'
import { array, balanced, large, person, readText } from './whole-file.ts'

const edges = (id: string, follows: string, followedBy: string) =>
  `{"follows": ${follows}, "is_followed_by": ${followedBy}, "id": ${id}}`

test('keeps the direction, and an edge that both sides write once', async () => {
  const outcome = await readText('edges', array(edges('1', '[2, 3]', '[4]'), edges('2', '[]', '[1, 5]')))
  expect(outcome.rows).toEqual([
    ['1', '2'],
    ['1', '3'],
    ['4', '1'],
    ['5', '2'],
  ])
  expect(outcome).toMatchObject({ read: 5, loaded: 4, duplicates: 1, rejected: 0 })
  balanced(outcome)
})

test.each([
  [`"${large}, 5"`, [large, '5']],
  ['""', []],
  ['"7"', ['7']],
  ['7', ['7']],
  ['null', []],
  ['NaN', []],
  [`[${large}, "5"]`, [large, '5']],
])('a list written as %s', async (list, ids) => {
  const outcome = await readText('edges', array(edges('9', list, '[1]')))
  expect(outcome.rows).toEqual([...ids.map((id) => ['9', id]), ['1', '9']])
  balanced(outcome)
})

test('an entry that is no id costs only itself', async () => {
  const outcome = await readText('edges', array(edges('1', '[2, 2.5, "x", null, 3]', '"4, y"')))
  expect(outcome.rows).toHaveLength(3)
  expect(outcome.reasons).toEqual({
    'an id in "follows" is not a whole number': 3,
    'an id in "is_followed_by" is not a whole number': 1,
  })
  expect(outcome.rejects.map(({ line, found }) => [line, found])).toEqual([
    [2, '2.5'],
    [2, 'x'],
    [2, 'null'],
    [2, 'y'],
  ])
  balanced(outcome)
})

test('an element that cannot be used costs all its entries', async () => {
  const text = array(edges('1', '[2]', '[]'), edges('"x"', '[1, 2]', '[3]'), edges('4', '{}', '[1]'), '3')
  const outcome = await readText('edges', text)
  expect(outcome.rows).toEqual([['1', '2']])
  expect(outcome.reasons).toEqual({
    'the id is not a whole number': 3,
    '"follows" is not a list of ids': 2,
    'it is not an object': 1,
  })
  balanced(outcome)
})

test('edges to unknown users are loaded and counted', async () => {
  const text = array(edges('1', '[2, 8]', '[9]'))
  expect(await readText('edges', text, ['1', '2'])).toMatchObject({ loaded: 3, unknownUsers: 2 })
  expect(await readText('edges', text)).toMatchObject({ loaded: 3, unknownUsers: null })
})

test('another file is refused', async () => {
  await expect(readText('edges', array(person()))).rejects.toThrow(/follows, is_followed_by is missing/)
})
