/** Single values out of the scanner. Numbers stay their digits: 15 % of the ids do not fit a JavaScript number. */
import { isUtf8 } from 'node:buffer'
import type { JsonWindow } from '#lib/scan/json.ts'

export interface Scalar {
  /** `literal`: true, false, null, and Python's NaN. `other`: an array, an object, or a string that is not UTF-8. */
  readonly kind: 'string' | 'number' | 'literal' | 'other'
  /** Decoded; of `other` the beginning of what stands there. */
  readonly text: string
}

const shownBytes = 120

/** Takes any value at the window. Throws `incomplete` or JsonFault. */
export function takeScalar(window: JsonWindow): Scalar {
  const first = window.peek('a value')
  const from = window.pos
  if (first === 0x22) {
    window.string('a string')
    if (!window.wide || isUtf8(window.bytes.subarray(window.start, window.end)))
      return { kind: 'string', text: window.text() }
  } else if (first === 0x7b || first === 0x5b) window.value()
  else {
    window.value()
    // -Infinity begins as a number does.
    const text = window.bytes.toString('latin1', from, window.pos)
    return { kind: /^-?\d/.test(text) ? 'number' : 'literal', text }
  }
  return { kind: 'other', text: window.bytes.toString('utf8', from, Math.min(window.pos, from + shownBytes)) }
}

const natural = /^(0|[1-9]\d*)$/

/** The digits of a user id, given as a number or a string of digits; null for anything else. Of any size. */
export function idOf({ kind, text }: Scalar): string | null {
  return (kind === 'number' || kind === 'string') && natural.test(text) ? text : null
}

const largest = 2n ** 63n - 1n

/** A count as Hive's bigint takes it; null for anything but a whole number from 0. */
export function countOf({ kind, text }: Scalar): string | null {
  return kind === 'number' && natural.test(text) && BigInt(text) <= largest ? text : null
}
