'use client'
/** The frame of every page: where one can go, whether the facts are live, who looks. */
import { Menu as MenuIcon } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'
import { Bird } from '#components/ui/bird.tsx'
import { cn } from '#components/ui/cn.ts'
import { Dialog } from '#components/ui/dialog.tsx'
import { AccountMenu } from './account-menu.tsx'
import { ConnectionBanner, ConnectionMark } from './connection.tsx'
import { frequentPlaces } from './nav.ts'
import { NavLinks } from './nav-links.tsx'
import { SessionEnded } from './session-ended.tsx'
import { StackMark } from './stack-mark.tsx'

export function Shell({ children }: { children: ReactNode }) {
  const t = useTranslations('shell')
  return (
    <div className="min-h-dvh md:grid md:grid-cols-[12.5rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-16 rounded-md bg-accent px-3 py-2 font-medium text-on-accent focus:translate-y-0"
      >
        {t('skip')}
      </a>
      <aside className="sticky top-0 hidden h-dvh flex-col gap-4 border-r px-3 py-3 md:flex">
        <Logo />
        <nav aria-label={t('pages')}>
          <NavLinks />
        </nav>
      </aside>
      <div className="min-w-0">
        <header className="sticky top-0 z-30 flex h-12 items-center gap-3 border-b bg-ground px-3 md:px-6">
          <Logo className="md:hidden" />
          <StackMark />
          <span className="ml-auto">
            <ConnectionMark />
          </span>
          <AccountMenu />
        </header>
        <main id="main" tabIndex={-1} className="p-3 pb-24 outline-none md:p-6">
          <ConnectionBanner />
          {children}
        </main>
      </div>
      <BottomBar />
      <SessionEnded />
    </div>
  )
}

const Logo = ({ className }: { className?: string }) => (
  <Link href="/" className={cn('flex h-6 items-center gap-2 rounded-md md:px-2', className)}>
    <Bird className="size-6 text-accent" />
    <span className="text-lg font-semibold tracking-tight">Aviary</span>
  </Link>
)

/** Narrow screens: the pages one goes to most, the others in a drawer. */
function BottomBar() {
  const t = useTranslations('shell')
  const nav = useTranslations('nav')
  const path = usePathname()
  const [open, setOpen] = useState(false)
  const tab = 'flex flex-1 flex-col items-center gap-0.5 pt-2 pb-1.5 text-2xs'
  return (
    <>
      <nav
        aria-label={t('frequent')}
        className="fixed inset-x-0 bottom-0 z-30 flex border-t bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
      >
        {frequentPlaces.map(({ id, href, icon: Icon }) => (
          <Link
            key={id}
            href={href}
            aria-current={path === href ? 'page' : undefined}
            className={cn(tab, path === href ? 'font-medium text-accent' : 'text-ink-soft')}
          >
            <Icon aria-hidden className="size-5" strokeWidth={1.75} />
            {nav(id)}
          </Link>
        ))}
        <button type="button" className={cn(tab, 'text-ink-soft')} aria-haspopup="dialog" onClick={() => setOpen(true)}>
          <MenuIcon aria-hidden className="size-5" strokeWidth={1.75} />
          {t('more')}
        </button>
      </nav>
      <Dialog open={open} onOpenChange={setOpen} title={t('pages')} shape="left">
        <nav aria-label={t('pages')} className="p-2">
          <NavLinks onFollow={() => setOpen(false)} />
        </nav>
      </Dialog>
    </>
  )
}
