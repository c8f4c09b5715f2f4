import { GeistMono } from 'geist/font/mono'
import { GeistSans } from 'geist/font/sans'
import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import { messages } from '#components/i18n/messages.ts'
import { Providers } from '#components/providers.tsx'
import './globals.css'
import { requestLocale, requestNonce } from './request.ts'

export async function generateMetadata(): Promise<Metadata> {
  const { shell } = messages[await requestLocale()]
  return { title: { default: 'Aviary', template: '%s · Aviary' }, description: shell.description }
}

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f0f5f6' },
    { media: '(prefers-color-scheme: dark)', color: '#0c171d' },
  ],
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const locale = await requestLocale()
  return (
    // The theme's class is set before the page is alive.
    <html lang={locale} suppressHydrationWarning className={`${GeistSans.variable} ${GeistMono.variable}`}>
      <body>
        <Providers locale={locale} messages={messages[locale]} nonce={await requestNonce()}>
          {children}
        </Providers>
      </body>
    </html>
  )
}
