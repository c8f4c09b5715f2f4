/** Tells whether the supervisor that runs is the wanted one. Druid answers with all defaults filled in and periods rewritten. */

/** True when everything that is wanted is there; what Druid added beside it does not matter. */
export function includes(present: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted))
    return (
      Array.isArray(present) &&
      present.length === wanted.length &&
      wanted.every((w, i) => includes(present[i] as unknown, w as unknown))
    )
  if (isRecord(wanted))
    return isRecord(present) && Object.entries(wanted).every(([key, value]) => includes(present[key], value))
  const [a, b] = [periodMs(present), periodMs(wanted)]
  return a !== null && b !== null ? a === b : present === wanted
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** ISO-8601 periods up to days; null for anything else. */
function periodMs(value: unknown): number | null {
  if (typeof value !== 'string') return null
  const found = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(value)
  if (found === null || value.length < 3) return null
  const [days, hours, minutes, seconds] = found.slice(1).map((n) => Number(n ?? 0))
  return ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1_000
}
