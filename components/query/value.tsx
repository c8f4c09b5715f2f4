import type { SqlValue } from '#lib/pipeline/sql.ts'

/** NULL is a word of its own, so that it is no text "NULL" and no empty one. */
export const Value = ({ value }: { value: SqlValue }) =>
  value === null ? <span className="text-ink-faint italic">NULL</span> : String(value)
