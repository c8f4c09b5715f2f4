/** What the layouts read from the request. */
import type { Metadata } from 'next'
import { cookies, headers } from 'next/headers'
import { chooseLocale, type Locale, localeCookie } from '#components/i18n/locale.ts'
import { type Messages, messages } from '#components/i18n/messages.ts'

export async function requestLocale(): Promise<Locale> {
  const [jar, head] = await Promise.all([cookies(), headers()])
  return chooseLocale(jar.get(localeCookie)?.value, head.get('accept-language'))
}

/** The nonce that the page's policy asks of our own inline scripts. */
export const requestNonce = async (): Promise<string | undefined> => (await headers()).get('x-nonce') ?? undefined

/** The page's name in the tab, in the language of the request. */
export const pageTitle = async (page: keyof Messages['nav']): Promise<Metadata> => ({
  title: messages[await requestLocale()].nav[page],
})
