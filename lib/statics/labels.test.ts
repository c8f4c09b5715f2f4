/** Labels as spreadsheets and scripts write them. */
import { expect, test } from 'vitest'
import { balanced, large, readText } from './whole-file.ts'

const label = (...lines: string[]) => `id,mbti_personality,pers_id\n${lines.join('\n')}\n`

test('takes the real file with its spaces', async () => {
  const outcome = await readText('mbti_labels', label(`${large},infj, 8`, '2,estj,15', '3,INFP, 0'))
  expect(outcome.rows).toEqual([
    [large, 'infj', 8],
    ['2', 'estj', 15],
    ['3', 'infp', 0],
  ])
  balanced(outcome)
})

test.each([
  ['a byte order mark', `\ufeff${label('1,infj,8')}`],
  ['CRLF', label('1,infj,8').replaceAll('\n', '\r\n')],
  ['quotes', '"id","mbti_personality","pers_id"\n"1","infj"," 8"\n'],
  ['quotes behind spaces', 'id, "mbti_personality", "pers_id"\n1, "infj", "8"\n'],
  ['other columns and another order', 'x,pers_id,Id,MBTI_Personality\n"a,b",8,1,InfJ\n'],
  ['empty lines, and none at the end', 'id,mbti_personality,pers_id\n\n1,infj,8'],
])('takes %s', async (_, text) => {
  const outcome = await readText('mbti_labels', text)
  expect(outcome.rows).toEqual([['1', 'infj', 8]])
  expect(outcome).toMatchObject({ read: 1, loaded: 1, rejected: 0 })
})

test.each([
  ['1,abcd,8', 'the type is none of the sixteen', 'abcd'],
  ['1,,8', 'the type is none of the sixteen', ''],
  ['1,infj,9', 'the type and "pers_id" contradict each other', 'infj, 9'],
  ['1,infj,', 'the type and "pers_id" contradict each other', 'infj, '],
  ['1,infj,8.0', 'the type and "pers_id" contradict each other', 'infj, 8.0'],
  ['1.5,infj,8', 'the id is not a whole number', '1.5'],
  [',infj,8', 'the id is not a whole number', ''],
  ['7,infj,8', 'the id has come before', '7'],
  ['1,infj', 'it has more or fewer columns than the first line', '2'],
  ['1,infj,8,9', 'it has more or fewer columns than the first line', '4'],
  ['1,in"fj,8', 'the type is none of the sixteen', 'in"fj'],
])('%s costs only that row', async (row, reason, found) => {
  const outcome = await readText('mbti_labels', label('7,infj,8', row, '9,entp,5'))
  expect(outcome.rows.map(([id]) => id)).toEqual(['7', '9'])
  expect(outcome.rejects).toEqual([{ line: 3, column: null, element: 1, reason, found }])
  balanced(outcome)
})

test('a file without the columns is refused, with what was expected', async () => {
  await expect(readText('mbti_labels', 'id;mbti_personality;pers_id\n1;infj;8\n')).rejects.toThrow(
    'the column id, mbti_personality, pers_id is missing; expected id,mbti_personality,pers_id in the first line, found id;mbti_personality;pers_id',
  )
})

test.each(['', '\ufeff', '\n', 'id,mbti_personality,pers_id\n'])('a file of %j has no row', async (nothing) => {
  expect(await readText('mbti_labels', nothing)).toMatchObject({ read: 0, loaded: 0, rejected: 0 })
})

test('a quote that is never closed refuses the file, however large it is', async () => {
  await expect(readText('mbti_labels', label('1,infj,8', '2,"infj,8'))).rejects.toThrow(/ends inside quotes/)
  const rest = Array.from({ length: 20_000 }, (_, i) => `${i},infj,8`)
  await expect(readText('mbti_labels', label('1,infj,8', '2,"infj,8', ...rest))).rejects.toThrow(/closing quote/)
})

test('labels of unknown users are loaded and counted', async () => {
  const outcome = await readText('mbti_labels', label('1,infj,8', '2,infj,8'), ['2'])
  expect(outcome).toMatchObject({ loaded: 2, unknownUsers: 1 })
})
