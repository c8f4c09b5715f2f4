/**
 * When a line was written: the file has no times of its own, but every engine is told to begin its lines with one. A line without
 * (the rest of a stack trace) belongs to the line before it.
 */

/** ISO 8601 as log4j, Mosquitto and Python write it, perhaps in brackets as gunicorn does. Without a zone it is this machine's. */
const timed = /^\[?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))? ?(Z|[+-]\d\d:?\d\d)?/

/** ms since the epoch; null for a line that does not begin with a time. */
export function timeOf(line: string): number | null {
  const found = timed.exec(line)
  if (found === null) return null
  const [, date, time, fraction = '0', zone = ''] = found
  const at = Date.parse(`${date}T${time}.${fraction.slice(0, 3)}${zone}`)
  return Number.isNaN(at) ? null : at
}

/** Lines from the first that was written at `since` or later. */
export async function* linesSince(since: number, lines: AsyncIterable<string>): AsyncGenerator<string> {
  let reached = false
  for await (const line of lines) {
    reached ||= (timeOf(line) ?? Number.NEGATIVE_INFINITY) >= since
    if (reached) yield line
  }
}
