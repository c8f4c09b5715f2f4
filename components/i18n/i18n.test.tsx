import { describe, expect, it } from 'vitest'
import { chooseLocale, fromAcceptLanguage, locales } from './locale.ts'
import { messages } from './messages.ts'

type Tree = { readonly [key: string]: string | Tree }

const leaves = (tree: Tree, path = ''): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[path + key, value]] : leaves(value, `${path}${key}.`),
  )

/** Names in braces and tags; the words of a plural's branches are not names. */
const holes = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)(?:[},])|<(\w+)>/g)].map((m) => m[1] ?? m[2] ?? '').toSorted()

describe('the interface texts', () => {
  const english = leaves(messages.en)

  for (const locale of locales.filter((l) => l !== 'en')) {
    const other = new Map(leaves(messages[locale]))

    it(`has the same keys in ${locale} as in English`, () => {
      expect([...other.keys()].toSorted()).toEqual(english.map(([key]) => key).toSorted())
    })

    it(`fills the same holes in ${locale}`, () => {
      const differing = english.filter(([key, text]) => String(holes(text)) !== String(holes(other.get(key) ?? '')))
      expect(differing.map(([key]) => key)).toEqual([])
    })

    it(`leaves no sentence untranslated in ${locale}`, () => {
      const same = english.filter(([key, text]) => text.split(' ').length > 3 && other.get(key) === text)
      expect(same.map(([key]) => key)).toEqual([])
    })
  }

  it('leaves no text empty', () => {
    expect(locales.flatMap((l) => leaves(messages[l])).filter(([, text]) => text.trim() === '')).toEqual([])
  })
})

describe('the language of a request', () => {
  it('is the cookie, then what the browser asks for, then English', () => {
    expect(chooseLocale('es', 'en')).toBe('es')
    expect(chooseLocale(undefined, 'es-MX,es;q=0.9,en;q=0.8')).toBe('es')
    expect(chooseLocale('xx', 'fr,de')).toBe('en')
    expect(chooseLocale(undefined, null)).toBe('en')
  })

  it('goes by the weights, not by the order', () => {
    expect(fromAcceptLanguage('en;q=0.5, es;q=0.7')).toBe('es')
    expect(fromAcceptLanguage('es;q=0, en;q=0.1')).toBe('en')
    expect(fromAcceptLanguage('')).toBeNull()
  })
})
