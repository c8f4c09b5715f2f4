/** Reads and writes JSON without changing a number: ids and offsets may exceed 2^53, where `JSON.parse` rounds silently. */
import { z } from 'zod'

/** What `JSON.parse` hands its reviver beside the value: https://tc39.es/proposal-json-parse-with-source. */
interface Source {
  /** Of a number, a string, a boolean or null: its very text. */
  readonly source?: string
}

function exactNumber(_key: string, value: unknown, { source }: Source): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value
  return /^-?\d+$/.test(source) ? source : value
}

/** Integers that a JS number cannot hold come as their decimal text; all else as `JSON.parse` gives it. Throws SyntaxError. */
export const parseExact = (text: string): unknown =>
  JSON.parse(text, exactNumber as (key: string, value: unknown) => unknown)

interface RawJson {
  rawJSON(text: string): unknown
}

/** As `JSON.stringify`, and a bigint becomes a bare integer of any size. */
export const writeExact = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' ? (JSON as unknown as RawJson).rawJSON(inner.toString()) : inner,
  ) ?? 'null'

/** A 64-bit integer in a reply, as its decimal text. */
export const decimal = z.union([z.number().int(), z.string().regex(/^-?\d+$/)]).transform((n) => String(n))
