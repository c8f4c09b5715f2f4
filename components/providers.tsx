'use client'
/** What every page stands on: language, theme, HTTP cache, tooltips, toasts. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { ThemeProvider } from 'next-themes'
import { Tooltip } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { IntlProvider } from 'use-intl'
import { FormatProvider } from '#components/format/use-format.tsx'
import type { Locale } from '#components/i18n/locale.ts'
import type { Messages } from '#components/i18n/messages.ts'
import { ApiError } from '#components/live/api.ts'
import { Toaster } from '#components/ui/toast.tsx'

/** A refusal will be a refusal again; only what did not arrive is worth another try. */
const worthRetrying = (failures: number, error: Error): boolean =>
  failures < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500)

const newQueryClient = () =>
  new QueryClient({ defaultOptions: { queries: { staleTime: 5_000, retry: worthRetrying } } })

interface ProvidersProps {
  locale: Locale
  messages: Messages
  nonce: string | undefined
  children: ReactNode
}

export function Providers({ locale, messages, nonce, children }: ProvidersProps) {
  const [queries] = useState(newQueryClient)
  return (
    // Times are formatted by our own formatters, in the browser's zone; messages carry none.
    <IntlProvider locale={locale} messages={messages} timeZone="UTC">
      <ThemeProvider attribute="class" defaultTheme="system" disableTransitionOnChange nonce={nonce}>
        <QueryClientProvider client={queries}>
          <FormatProvider>
            <Tooltip.Provider delayDuration={300}>{children}</Tooltip.Provider>
          </FormatProvider>
        </QueryClientProvider>
        <Toaster />
      </ThemeProvider>
    </IntlProvider>
  )
}
