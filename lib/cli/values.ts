/** Values of options, checked as they are read. */
import { InvalidArgumentError } from 'commander'
import { type RuntimeKind, runtimeKinds } from '#lib/pipeline/stages.ts'

export function wholeNumber(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value
  throw new InvalidArgumentError('It must be a whole number.')
}

export function positive(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('It must be a number above 0.')
}

/** What runs the services. */
export function runtimeKind(text: string): RuntimeKind {
  const kind = runtimeKinds.find((known) => known === text)
  if (kind !== undefined) return kind
  throw new InvalidArgumentError(`It must be ${runtimeKinds.join(' or ')}.`)
}

/** Messages in all; a null would read as an option without a value. */
export const limitOrNone = (text: string): number | 'none' => (text === 'none' ? 'none' : wholeNumber(text))

/** Messages a second, or as fast as the line takes them. */
export const rate = (text: string): number | 'max' => (text === 'max' ? 'max' : positive(text))

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** How long ago (`90s`, `10m`, `2h`, `1d`) or when (`2026-11-25T12:00`, without a zone in this machine's), as ms since the epoch. */
export function moment(text: string): number {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? []
  const at = count === undefined ? Date.parse(text) : Date.now() - Number(count) * (unitMs[unit] ?? Number.NaN)
  // A bare number would be read as a year.
  if (!Number.isNaN(at) && at >= 0 && !/^\d+$/.test(text)) return Math.floor(at)
  throw new InvalidArgumentError('It must be a time such as 2026-11-25T12:00, or how long ago: 90s, 10m, 2h, 1d.')
}
