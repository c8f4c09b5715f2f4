/**
 * ms since the epoch of `2025-05-01T10:00:00Z`, `2025-05-01 10:00:00` (local, as the original publisher wrote it),
 * `Wed Aug 27 13:08:45 +0000 2008` (Twitter) or a number of seconds or milliseconds; null for anything else.
 */
export function parseTime(text: string): number | null {
  if (/^\d+(\.\d+)?$/.test(text)) {
    const value = Number(text)
    // 10^11 seconds are the year 5138, 10^11 milliseconds are 1973.
    return value < 1e11 ? value * 1000 : value
  }
  const time = Date.parse(text)
  return Number.isNaN(time) ? null : time
}
