'use client'
import { useRouter } from 'next/navigation'
import { useTheme } from 'next-themes'
import { useLocale, useTranslations } from 'use-intl'
import { type Locale, localeCookie, locales } from '#components/i18n/locale.ts'
import { useMounted } from '#components/live/clock.ts'

export const themes = ['light', 'dark', 'system'] as const
export type Theme = (typeof themes)[number]

const yearSeconds = 365 * 24 * 3600

/** The language of the page and how to change it: a cookie that the server reads, then the page again. */
export function useLanguage(): { locale: Locale; choose: (locale: Locale) => void } {
  const locale = useLocale()
  const router = useRouter()
  return {
    locale,
    choose: (next) => {
      // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet
      document.cookie = `${localeCookie}=${next}; Path=/; Max-Age=${yearSeconds}; SameSite=Lax`
      router.refresh()
    },
  }
}

/** The chosen theme; `system` until the browser has told. */
export function useThemeChoice(): { theme: Theme; choose: (theme: Theme) => void } {
  const { theme, setTheme } = useTheme()
  const mounted = useMounted()
  return { theme: mounted ? (themes.find((t) => t === theme) ?? 'system') : 'system', choose: setTheme }
}

/** Each language names itself, so that it can be found by who does not read the present one. */
export function useLanguageNames(): readonly { value: Locale; label: string }[] {
  const t = useTranslations('languages')
  return locales.map((value) => ({ value, label: t(value) }))
}
