/** How the columns of a result are shown. Their types are not known, so the values decide. Pure. */
import type { SqlTable, SqlValue } from '#lib/pipeline/sql.ts'

export interface ColumnLook {
  readonly name: string
  /** Every value is a number, ids as text among them: its digits stand below each other. */
  readonly numeric: boolean
  /** In characters of the table's font. */
  readonly width: number
}

const narrowest = 6
const widest = 48
/** Rows that decide on the width. */
const sampled = 200
/** Room between two columns. */
const gap = 3

const isNumber = (value: SqlValue): boolean =>
  typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(value))

export function looksOf({ columns, rows }: SqlTable): ColumnLook[] {
  return columns.map((name, i) => {
    const values = rows.map((row) => row[i] ?? null).filter((value) => value !== null)
    const longest = Math.max(name.length, ...values.slice(0, sampled).map((value) => String(value).length))
    return {
      name,
      numeric: values.length > 0 && values.every(isNumber),
      width: Math.min(widest, Math.max(narrowest, longest)) + gap,
    }
  })
}
