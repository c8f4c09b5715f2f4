/** From the bytes of a JSON string to its text, and what counts as an integer. */

/** The string between the quotes at `start` and `end`; bytes that are not UTF-8 become replacement characters. */
export function decode(bytes: Buffer, start: number, end: number, escaped: boolean, wide: boolean): string {
  if (!escaped) return wide ? bytes.toString('utf8', start, end) : bytes.toString('latin1', start, end)
  // The scanner has checked the escapes, and JSON.parse is faster at resolving them than JavaScript is.
  return JSON.parse(wide ? bytes.toString('utf8', start - 1, end + 1) : bytes.toString('latin1', start - 1, end + 1))
}

export const integer = /^-?(0|[1-9]\d*)$/
