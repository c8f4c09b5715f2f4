import { GeistMono } from 'geist/font/mono'
import { GeistSans } from 'geist/font/sans'
import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import { messages } from '#components/i18n/messages.ts'
import { Providers } from '#components/providers.tsx'
import { reloadOnLostScript } from '#components/shell/lost-scripts.ts'
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
  const nonce = await requestNonce()
  return (
    // The theme's class is set before the page is alive.
    <html lang={locale} suppressHydrationWarning className={`${GeistSans.variable} ${GeistMono.variable}`}>
      <head>
        <script
          nonce={nonce}
          suppressHydrationWarning
          // biome-ignore lint/security/noDangerouslySetInnerHtml: text of a function of our own
          dangerouslySetInnerHTML={{ __html: `(${reloadOnLostScript})()` }}
        />
      </head>
      <body>
        <Providers locale={locale} messages={messages[locale]} nonce={nonce}>
          {children}
        </Providers>
      </body>
    </html>
  )
}
