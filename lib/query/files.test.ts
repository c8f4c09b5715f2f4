import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SqlTable } from '#lib/pipeline/sql.ts'
import { csvOf, ndjsonOf } from './files.ts'

const text = (pieces: Iterable<string>) => [...pieces].join('')
const csv = (...rows: SqlTable['rows']) =>
  text(csvOf({ columns: ['a', 'b'], rows }))
    .split('\r\n')
    .slice(1)
    .join('\r\n')

describe('a result as CSV', () => {
  it('comes back from a reader of RFC 4180 cell by cell', () => {
    const cell = fc.string({ unit: 'grapheme' }).filter((s) => !/^[=+\-@\t\r]/.test(s))
    const table = fc.array(fc.tuple(cell, cell), { maxLength: 5 })
    fc.assert(
      fc.property(table, (rows) => {
        const read: unknown = parse(text(csvOf({ columns: ['a', 'b'], rows })), { record_delimiter: '\r\n' })
        expect(read).toEqual([['a', 'b'], ...rows])
      }),
    )
  })

  it('tells NULL from an empty text, and keeps every digit', () => {
    expect(csv([null, ''], ['18446744073709551615', 9007199254740991], [true, 1.5])).toBe(
      ',""\r\n18446744073709551615,9007199254740991\r\ntrue,1.5\r\n',
    )
  })

  it.each(['=1+1', '+cmd', '-x', '@user hi', '\tx', '=A1,"x"'])('makes no formula of %j', (value) => {
    const [row] = parse(csv([value, 'x'])) as string[][]
    expect(row?.[0]).toBe(`'${value}`)
  })

  it.each(['-1', '+1.5', '-9223372036854775808', '-1e-7'])('leaves the number %s as it is', (value) => {
    expect(csv([value, 0])).toBe(`${value},0\r\n`)
  })

  it('comes in pieces, all of it', () => {
    const rows = Array.from({ length: 1_234 }, (_, i) => [i])
    const pieces = [...csvOf({ columns: ['n'], rows })]
    expect(pieces.length).toBeGreaterThan(3)
    expect(pieces.join('').trimEnd().split('\r\n').slice(1).map(Number)).toEqual(rows.flat())
  })
})

describe('a result as NDJSON', () => {
  const lines = (table: SqlTable) => text(ndjsonOf(table)).split('\n')

  it('has an object a line with every value as it is', () => {
    const row = ['=1+1', '9007199254740993', 1, null, false]
    const [first, end] = lines({ columns: ['a', 'b', 'c', 'd', 'e'], rows: [row] })
    expect(Object.values(JSON.parse(first ?? '') as object)).toEqual(row)
    expect(end).toBe('')
  })

  it('loses no column to a name that comes twice, and keeps their order', () => {
    expect(lines({ columns: ['id', 'id', '2', 'id_2'], rows: [[1, 2, 3, 4]] })[0]).toBe(
      '{"id":1,"id_2":2,"2":3,"id_2_2":4}',
    )
  })

  it('of no rows is empty', () => {
    expect(text(ndjsonOf({ columns: ['a'], rows: [] }))).toBe('')
  })
})
