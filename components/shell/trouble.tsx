'use client'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { BirdOnWire } from '#components/ui/bird.tsx'
import { Button, buttonClass } from '#components/ui/button.tsx'
import { Verbatim } from '#components/ui/verbatim.tsx'

const Trouble = ({ title, children }: { title: string; children: ReactNode }) => (
  <main className="mx-auto grid min-h-dvh max-w-md content-center justify-items-center gap-3 px-5 text-center">
    <BirdOnWire className="h-16 w-48" />
    <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
    {children}
  </main>
)

export function NotFound() {
  const t = useTranslations('notFound')
  return (
    <Trouble title={t('title')}>
      <p className="text-ink-soft">{t('body')}</p>
      <Link href="/" className={buttonClass('primary')}>
        {t('home')}
      </Link>
    </Trouble>
  )
}

/** A page that threw. The stack does not depend on the console, and the page says so. */
export function Crash({ error, reset }: { error: Error; reset: () => void }) {
  const t = useTranslations('crash')
  return (
    <Trouble title={t('title')}>
      <p className="text-ink-soft">{t('body')}</p>
      <Verbatim label={t('title')}>{error.message}</Verbatim>
      <Button variant="primary" onClick={reset}>
        {t('retry')}
      </Button>
    </Trouble>
  )
}
