/** A result of Druid SQL or HiveQL, as it goes to pages and files. */

/** Integers beyond 2^53 and decimals come as their exact decimal text. */
export type SqlValue = string | number | boolean | null

export interface SqlTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly SqlValue[])[]
}
