/**
 * What the server says, in the reader's language. Reasons come as English sentences, because logs, the command line and the stored
 * runs hold the same ones; so they are translated by their text, as gettext does. One that the catalogue lacks stays English.
 */
import { useCallback } from 'react'
import { useLocale } from 'use-intl'
import es from '#messages/server.es.json' with { type: 'json' }
import type { Locale } from './locale.ts'

/** English sentence → the other language's; `{0}`, `{1}` … are what changes, and are translated too where they are sentences. */
type Catalogue = Readonly<Record<string, string>>

export const catalogues: Readonly<Partial<Record<Locale, Catalogue>>> = { es }

interface Pattern {
  readonly match: RegExp
  readonly translation: string
}

/** Longer ones are no sentences of ours, and matching must stay cheap. */
const longest = 400

const hole = /\{\d\}/

function patternsOf(catalogue: Catalogue): Pattern[] {
  const literal = (text: string) => text.split(hole).join('').length
  const quoted = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return Object.entries(catalogue)
    .sort(([a], [b]) => literal(b) - literal(a))
    .map(([english, translation]) => ({
      match: new RegExp(`^${english.split(hole).map(quoted).join('(.*?)')}$`, 's'),
      translation,
    }))
}

const patterns = new Map<Locale, readonly Pattern[]>()

function patternsFor(locale: Locale): readonly Pattern[] {
  const known = patterns.get(locale) ?? patternsOf(catalogues[locale] ?? {})
  patterns.set(locale, known)
  return known
}

/** The sentence in the language, or as it came. */
export function translateSaid(text: string, locale: Locale): string {
  if (text.length > longest) return text
  for (const { match, translation } of patternsFor(locale)) {
    const found = match.exec(text)
    if (found === null) continue
    return translation.replace(/\{(\d)\}/g, (_, n: string) => translateSaid(found[Number(n) + 1] ?? '', locale))
  }
  return text
}

export function useSaid(): (text: string) => string {
  const locale = useLocale()
  return useCallback((text: string) => translateSaid(text, locale), [locale])
}
