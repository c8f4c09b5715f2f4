/** Figures as people read them: locale-aware, always with a unit. Pure; `use-format.ts` binds them to the page's language. */

const cache = new Map<string, Intl.NumberFormat>()

function numbers(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale}${JSON.stringify(options)}`
  const found = cache.get(key) ?? new Intl.NumberFormat(locale, options)
  cache.set(key, found)
  return found
}

/** Spanish leaves four-digit numbers ungrouped by default; columns of figures need one rule for all. */
const grouping = { useGrouping: 'always' } as const

export const formatCount = (value: number, locale: string): string =>
  numbers(locale, { ...grouping, maximumFractionDigits: 0 }).format(value)

/** `+12`, `−3`, `0`. */
export const formatDifference = (value: number, locale: string): string =>
  numbers(locale, { ...grouping, maximumFractionDigits: 0, signDisplay: 'exceptZero' }).format(value)

/** For places too narrow for all digits: `1.2M`. */
export const formatCompact = (value: number, locale: string): string =>
  Math.abs(value) < 10_000
    ? formatCount(value, locale)
    : numbers(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(value)

/** Two digits that matter below ten, whole numbers above. */
export const formatDecimal = (value: number, locale: string): string =>
  numbers(locale, { ...grouping, maximumFractionDigits: Math.abs(value) < 10 && value !== 0 ? 1 : 0 }).format(value)

export const formatPercent = (share: number, locale: string): string =>
  numbers(locale, { style: 'percent', maximumFractionDigits: share > 0 && share < 0.1 ? 1 : 0 }).format(share)

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** Decimal units, as download pages and disks state them. */
export function formatBytes(bytes: number, locale: string): string {
  const step = bytes < 1 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** step
  return `${formatDecimal(value, locale)}\u00a0${byteUnits[step]}`
}

const duo = (a: number, unitA: string, b: number, unitB: string, locale: string): string =>
  b === 0
    ? `${formatCount(a, locale)}\u00a0${unitA}`
    : `${formatCount(a, locale)}\u00a0${unitA} ${formatCount(b, locale)}\u00a0${unitB}`

/** At most two units, so that a changing figure keeps its width: `850 ms`, `4.2 s`, `3 min 20 s`, `2 d 4 h`. */
export function formatDuration(ms: number, locale: string): string {
  if (ms < 1000) return `${formatCount(Math.round(ms), locale)}\u00a0ms`
  if (ms < 10_000) return `${formatDecimal(ms / 1000, locale)}\u00a0s`
  return formatSeconds(Math.floor(ms / 1000), locale)
}

/** Whole seconds: for ages that count up once a second. */
export function formatSeconds(seconds: number, locale: string): string {
  const s = Math.max(0, Math.floor(seconds))
  if (s < 60) return `${formatCount(s, locale)}\u00a0s`
  if (s < 3600) return duo(Math.floor(s / 60), 'min', s % 60, 's', locale)
  if (s < 86_400) return duo(Math.floor(s / 3600), 'h', Math.floor((s % 3600) / 60), 'min', locale)
  return duo(Math.floor(s / 86_400), 'd', Math.floor((s % 86_400) / 3600), 'h', locale)
}

/** The largest unit alone, for narrow places: `1 min`. */
export function formatCoarse(seconds: number, locale: string): string {
  const s = Math.max(0, Math.floor(seconds))
  const [step, unit] = s < 60 ? [1, 's'] : s < 3600 ? [60, 'min'] : s < 86_400 ? [3600, 'h'] : [86_400, 'd']
  return duo(Math.floor(s / Number(step)), String(unit), 0, '', locale)
}

const clocks = new Map<string, Intl.DateTimeFormat>()

/** Making a formatter costs far more than using it, and lists of messages use many. */
function clock(locale: string, form: keyof typeof forms, timeZone: string | undefined): Intl.DateTimeFormat {
  const key = `${locale} ${form} ${timeZone}`
  const found = clocks.get(key) ?? new Intl.DateTimeFormat(locale, { ...forms[form], timeZone })
  clocks.set(key, found)
  return found
}

const forms = {
  time: { timeStyle: 'medium', hourCycle: 'h23' },
  dateTime: { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' },
  minute: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  exact: {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
    timeZoneName: 'short',
  },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>

/** The browser's own time zone unless another one is named. */
export const formatClock = (ms: number, locale: string, timeZone?: string): string =>
  clock(locale, 'time', timeZone).format(ms)

/** Hours and minutes: for the axis of a chart. */
export const formatMinute = (ms: number, locale: string, timeZone?: string): string =>
  clock(locale, 'minute', timeZone).format(ms)

export const formatDateTime = (ms: number, locale: string, timeZone?: string): string =>
  clock(locale, 'dateTime', timeZone).format(ms)

/** With milliseconds and the zone: what hovering over a time shows. */
export const formatExact = (ms: number, locale: string, timeZone?: string): string =>
  clock(locale, 'exact', timeZone).format(ms)
