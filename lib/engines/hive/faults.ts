/** What goes wrong with HiveServer2, in the words of EngineError. */
import { EngineError, type EngineErrorCode } from '#lib/engines/errors.ts'
import type { HiveAddress } from './wire.ts'

const longestReason = 500

const fault = (code: EngineErrorCode, message: string, hint: string, cause?: unknown) =>
  new EngineError('hive', code, message, { hint, cause })

const where = ({ host, port }: HiveAddress) => `HiveServer2 at ${host}:${port}`

/** The library throws what is no Error for a reply with an error status; all have a message. */
const textOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)

const isSocketFault = (error: unknown) =>
  error instanceof AggregateError ||
  (error instanceof Error && 'code' in error && /^(E[A-Z]+|ERR_SOCKET\w*)$/.test(String(error.code)))

const codeOf = (error: unknown): string =>
  error instanceof AggregateError
    ? codeOf(error.errors[0])
    : error instanceof Error && 'code' in error
      ? String(error.code)
      : textOf(error)

/** The connection has ended: by the other side (no cause), by a fault of the network, or by bytes that nobody understands. */
export function lost(address: HiveAddress, cause: unknown): EngineError {
  if (cause === null)
    return fault('unreachable', `${where(address)} closed the connection`, 'Start the service hive.', cause)
  if (isSocketFault(cause)) return unreachable(address, cause)
  return fault(
    'unexpected-reply',
    `${where(address)} answered in a way that is not understood: ${textOf(cause)}`,
    'Check that it is HiveServer2 that listens there, and its version.',
    cause,
  )
}

const unreachable = (address: HiveAddress, cause: unknown) =>
  fault('unreachable', `${where(address)} does not answer (${codeOf(cause)})`, 'Start the service hive.', cause)

export function tooSlow(address: HiveAddress, ms: number): EngineError {
  return fault(
    'timeout',
    `${where(address)} did not finish within ${ms / 1_000} s and was told to stop`,
    'Ask for less, or look at its load and log.',
  )
}

/** Hive has answered, and says no. */
export function refused(said: string, cause?: unknown): EngineError {
  return fault('rejected', `Hive refused the statement: ${meaning(said)}`, 'Read what it says.', cause)
}

/** What the library has thrown. */
export function explain(address: HiveAddress, error: unknown): EngineError {
  if (error instanceof EngineError) return error
  if (isSocketFault(error)) return unreachable(address, error)
  const text = textOf(error)
  // A reply with an error status, which is no Error.
  if (!(error instanceof Error)) return refused(text, error)
  if (text.startsWith('Authentication error'))
    return fault(
      'unexpected-reply',
      `What listens at ${address.host}:${address.port} does not speak HiveServer2's protocol`,
      'Find out which program holds that port.',
      error,
    )
  return lost(address, error)
}

/** Messages that name settings nobody here can change, or no reason at all. */
const inOtherWords: readonly (readonly [RegExp, string])[] = [
  [
    /^Cartesian products are disabled/,
    'it joins tables without an equality between them, and such a join cannot be stopped once it runs',
  ],
  [/^Error running query$/, 'it could not be run; the log of the service hive says why'],
]

/** What Hive wraps around a reason: the step that failed, and exceptions with their numbers. */
const wrappings = [
  /^Failed to open new session: /,
  /^Error (?:while|running) [a-z ]+: /,
  /^FAILED: /,
  /^(?:Execution Error, return code \d+ from|Hive Internal Error:?) [\w.]+[.:]? ?/,
  /^(?:[\w$]+\.)*\w+(?:Exception|Error)\b:?\s*/,
  /^\[Error \d+\]: ?/,
]

/**
 * The part of Hive's long message that means something: without the names of its classes and stages. `line L:C` stays.
 * For a query that failed while it ran it is the innermost cause.
 */
export function meaning(text: string): string {
  const innermost = text.split('Caused by: ').at(-1) ?? text
  const line = (innermost.split('\n')[0] ?? '').trim()
  const bare = unwrapped(line) || line
  const [, other] = inOtherWords.find(([pattern]) => pattern.test(bare)) ?? []
  return (other ?? bare).slice(0, longestReason) || 'no reason given'
}

function unwrapped(line: string): string {
  const inside = line.replace(/^\((.*)\)$/, '$1')
  const bare = wrappings.reduce((rest, wrapping) => rest.replace(wrapping, ''), inside).trim()
  return bare === line ? bare : unwrapped(bare)
}
