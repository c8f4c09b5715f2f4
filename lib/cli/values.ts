/** Values of options, checked as they are read. */
import { InvalidArgumentError } from 'commander'

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
export function runtimeKind(text: string): 'process' {
  if (text === 'process') return text
  throw new InvalidArgumentError(
    text === 'docker' ? 'It is not there yet: services run as plain processes only.' : 'It must be process.',
  )
}

/** Messages in all; a null would read as an option without a value. */
export const limitOrNone = (text: string): number | 'none' => (text === 'none' ? 'none' : wholeNumber(text))

/** Messages a second, or as fast as the line takes them. */
export const rate = (text: string): number | 'max' => (text === 'max' ? 'max' : positive(text))
