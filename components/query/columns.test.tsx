import { describe, expect, it } from 'vitest'
import { looksOf } from './columns.ts'

const look = (values: readonly (string | number | boolean | null)[], name = 'a') =>
  looksOf({ columns: [name], rows: values.map((value) => [value]) })[0]

describe('a column of a result', () => {
  it.each([
    { values: [1, 2.5, null], numeric: true },
    { values: ['9007199254740993', 1, '-1.5'], numeric: true },
    { values: ['1', 'one'], numeric: false },
    { values: [true], numeric: false },
    { values: [''], numeric: false },
    { values: [null, null], numeric: false },
    { values: [], numeric: false },
  ])('of $values is numeric: $numeric', ({ values, numeric }) => {
    expect(look(values)?.numeric).toBe(numeric)
  })

  it('is as wide as its name and values, within bounds', () => {
    const widths = [look([1])?.width, look([1], 'twelve chars')?.width, look(['x'.repeat(9_000)])?.width]
    expect(widths).toEqual([9, 15, 51])
  })
})
