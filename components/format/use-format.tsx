'use client'
import { createContext, type ReactNode, useContext, useMemo } from 'react'
import { useLocale, useTranslations } from 'use-intl'
import * as format from './format.ts'

/** Made once for a page, not once for each of its hundreds of figures. */
function useFormatters() {
  const locale = useLocale()
  const t = useTranslations('format')
  return useMemo(() => {
    const known =
      (f: (value: number, locale: string) => string) =>
      (value: number | null): string =>
        value === null ? t('unknown') : f(value, locale)
    return {
      count: known(format.formatCount),
      compact: known(format.formatCompact),
      difference: known(format.formatDifference),
      decimal: known(format.formatDecimal),
      percent: known(format.formatPercent),
      bytes: known(format.formatBytes),
      duration: known(format.formatDuration),
      seconds: known(format.formatSeconds),
      coarse: known(format.formatCoarse),
      clock: known((v, l) => format.formatClock(v, l)),
      minute: known((v, l) => format.formatMinute(v, l)),
      dateTime: known((v, l) => format.formatDateTime(v, l)),
      exact: known((v, l) => format.formatExact(v, l)),
      /** Messages a second. */
      rate: known((v, l) => t('rate', { value: format.formatDecimal(v, l) })),
      unknown: t('unknown'),
    }
  }, [locale, t])
}
export type Formatters = ReturnType<typeof useFormatters>

const FormatContext = createContext<Formatters | null>(null)

export const FormatProvider = ({ children }: { children: ReactNode }) => (
  <FormatContext value={useFormatters()}>{children}</FormatContext>
)

/** Formatters of the page's language. `null` (could not be asked) reads "unknown", never 0. */
export function useFormat(): Formatters {
  const formatters = useContext(FormatContext)
  if (formatters === null) throw new Error('Figures are only formatted below <FormatProvider>')
  return formatters
}
