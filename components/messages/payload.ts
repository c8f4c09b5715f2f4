/** What a row shows of a payload. Pure. */

/**
 * The text of a tweet message for a one-line preview, and its user's id; the payload itself where it has another shape.
 * The id is cut out of the text, never parsed: as a JS number 15 % of the ids would come out wrong.
 */
export function preview(value: string): { userId: string | null; text: string } {
  const userId = /"user_id"\s*:\s*"?(-?\d+)/.exec(value)?.[1] ?? null
  const literal = /"tweet"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(value)?.[1]
  if (literal === undefined) return { userId, text: value }
  try {
    return { userId, text: String(JSON.parse(literal)) }
  } catch {
    return { userId, text: value }
  }
}
