/** The interface texts. English is the shape that the other languages must have, key for key. */
import en from '#messages/en.json' with { type: 'json' }
import es from '#messages/es.json' with { type: 'json' }
import type { Locale } from './locale.ts'

export type Messages = typeof en

export const messages: Readonly<Record<Locale, Messages>> = { en, es }

declare module 'use-intl' {
  interface AppConfig {
    Locale: Locale
    Messages: Messages
  }
}
