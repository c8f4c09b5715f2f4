/** Reads and writes JSON without changing a number: ids and offsets may exceed 2^53, where `JSON.parse` rounds silently. */
import { isInteger, isSafeNumber, parse, stringify } from 'lossless-json'
import { z } from 'zod'

function exactNumber(text: string): number | string {
  return isInteger(text) && !isSafeNumber(text) ? text : Number(text)
}

/** Integers that a JS number cannot hold come as their decimal text; all else as `JSON.parse` gives it. Throws SyntaxError. */
export function parseExact(text: string): unknown {
  return parse(text, undefined, exactNumber)
}

/** As `JSON.stringify`, and a bigint becomes a bare integer of any size. */
export const writeExact = (value: unknown): string => stringify(value) ?? 'null'

/** A 64-bit integer in a reply, as its decimal text. */
export const decimal = z.union([z.number().int(), z.string().regex(/^-?\d+$/)]).transform((n) => String(n))
