/** A result as a file, piece by piece, so that a large one is never a second time in memory. */
import type { SqlTable, SqlValue } from '#lib/pipeline/sql.ts'

const rowsAtOnce = 500

/**
 * RFC 4180: comma, CRLF, quotes where they are needed. NULL is an empty field, an empty text a quoted one. Integers have all their
 * digits. Tweets are texts of strangers, so a text that a spreadsheet would run as a formula (it begins with = + - @, a tab or a
 * carriage return, and is no number) gets an apostrophe before it; the other format has every text as it is.
 */
export function csvOf({ columns, rows }: SqlTable): Generator<string> {
  const line = (values: readonly SqlValue[]) => `${values.map(field).join(',')}\r\n`
  return inPieces(line(columns), rows, line)
}

/** An object a line, named by the columns; a name that comes again gets a number. Integers beyond 2^53 are texts, as everywhere here. */
export function ndjsonOf({ columns, rows }: SqlTable): Generator<string> {
  const names = distinct(columns)
  return inPieces('', rows, (row) => {
    const members = names.map((name, i) => `${JSON.stringify(name)}:${JSON.stringify(row[i] ?? null)}`)
    return `{${members.join(',')}}\n`
  })
}

function* inPieces(
  head: string,
  rows: SqlTable['rows'],
  line: (row: readonly SqlValue[]) => string,
): Generator<string> {
  if (head !== '') yield head
  for (let i = 0; i < rows.length; i += rowsAtOnce)
    yield rows
      .slice(i, i + rowsAtOnce)
      .map(line)
      .join('')
}

const number = /^[-+]?\d+(\.\d+)?(e[-+]?\d+)?$/i

function field(value: SqlValue): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const harmless = /^[=+\-@\t\r]/.test(value) && !number.test(value) ? `'${value}` : value
  return harmless === '' || /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

/** Written by hand above, because names that look like whole numbers would change places in an object. */
function distinct(columns: readonly string[]): string[] {
  const names: string[] = []
  for (const column of columns) {
    let name = column
    for (let n = 2; names.includes(name); n++) name = `${column}_${n}`
    names.push(name)
  }
  return names
}
