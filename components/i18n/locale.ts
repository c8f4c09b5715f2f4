/** Which language a request gets: the cookie of the switch, then what the browser asks for, then English. */

export const locales = ['en', 'es'] as const
export type Locale = (typeof locales)[number]

/** Cookie of the language switch. */
export const localeCookie = 'aviary-locale'

const isLocale = (value: string): value is Locale => (locales as readonly string[]).includes(value)

/** Reads `es-MX,es;q=0.9,en;q=0.8`; languages we do not have are passed over. */
export function fromAcceptLanguage(header: string): Locale | null {
  const wishes = header
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';')
      const q = parameters.map((p) => /^\s*q=([\d.]+)\s*$/.exec(p)?.[1]).find((v) => v !== undefined)
      return { language: tag.trim().toLowerCase().split('-')[0] ?? '', q: q === undefined ? 1 : Number(q) }
    })
    .filter((wish) => wish.q > 0)
    .sort((a, b) => b.q - a.q)
  return wishes.map((w) => w.language).find(isLocale) ?? null
}

export function chooseLocale(cookie: string | undefined, acceptLanguage: string | null): Locale {
  if (cookie !== undefined && isLocale(cookie)) return cookie
  return fromAcceptLanguage(acceptLanguage ?? '') ?? 'en'
}
