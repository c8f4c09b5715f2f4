/** Makes rows of the columns in which HiveServer2 sends a result, with every digit of every number. */
import { z } from 'zod'
import type { SqlValue } from '#lib/pipeline/sql.ts'

/** What the thrift library makes of a 64-bit integer: eight bytes, which its own conversion to a number would round. */
const Int64 = z.custom<{ readonly buffer: Buffer; readonly offset: number }>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    'buffer' in value &&
    Buffer.isBuffer(value.buffer) &&
    'offset' in value,
)

/** A bit for each value, set where it is NULL. Missing bytes mean not NULL. */
const Nulls = z.instanceof(Buffer)

/** `z.number()` takes neither NaN nor infinity. */
const Double = z.custom<number>((value) => typeof value === 'number')

const column = <T extends z.ZodType>(value: T) => z.object({ values: z.array(value), nulls: Nulls }).nullish()

/** One of them is there: the type on the wire. Decimals, times and whatever is composed come as text. */
const Column = z.object({
  boolVal: column(z.boolean()),
  byteVal: column(z.number()),
  i16Val: column(z.number()),
  i32Val: column(z.number()),
  i64Val: column(Int64),
  doubleVal: column(Double),
  stringVal: column(z.string()),
  binaryVal: column(z.instanceof(Buffer)),
})
type Column = z.infer<typeof Column>

const RowSets = z.array(z.object({ columns: z.array(Column).nullish() }))

const Schema = z.object({ columns: z.array(z.object({ columnName: z.string(), position: z.number() })) })

/** Names of the columns in their order. Throws ZodError. */
export const columnNames = (schema: unknown): string[] =>
  Schema.parse(schema)
    .columns.toSorted((a, b) => a.position - b.position)
    .map(({ columnName }) => columnName)

/** The rows of what was fetched. Throws ZodError. */
export const rowsOf = (data: unknown): SqlValue[][] =>
  RowSets.parse(data).flatMap(({ columns }) => rowsOfColumns((columns ?? []).map(valuesOf)))

function rowsOfColumns(columns: readonly (readonly SqlValue[])[]): SqlValue[][] {
  const length = columns[0]?.length ?? 0
  return Array.from({ length }, (_, row) => columns.map((values) => values[row] ?? null))
}

function valuesOf(from: Column): SqlValue[] {
  if (from.i64Val) return withNulls(from.i64Val, integer)
  if (from.doubleVal) return withNulls(from.doubleVal, floating)
  if (from.binaryVal) return withNulls(from.binaryVal, (bytes) => bytes.toString('hex'))
  const plain = from.stringVal ?? from.i32Val ?? from.i16Val ?? from.byteVal ?? from.boolVal
  return plain ? withNulls<SqlValue>(plain, (value) => value) : []
}

function withNulls<T>(column: { values: T[]; nulls: Buffer }, convert: (value: T) => SqlValue): SqlValue[] {
  const isNull = (index: number) => ((column.nulls[index >> 3] ?? 0) & (1 << (index & 7))) !== 0
  return column.values.map((value, index) => (isNull(index) ? null : convert(value)))
}

function integer({ buffer, offset }: z.infer<typeof Int64>): SqlValue {
  const value = buffer.readBigInt64BE(offset)
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value.toString()
}

/** What JSON has no number for comes as text. */
const floating = (value: number): SqlValue => (Number.isFinite(value) ? value : String(value))
