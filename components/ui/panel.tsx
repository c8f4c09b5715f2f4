import type { ReactNode } from 'react'
import { cn } from './cn.ts'

interface PanelProps {
  title: ReactNode
  /** Beside the title: a state, a count. */
  aside?: ReactNode
  /** At the right end: buttons. */
  actions?: ReactNode
  /** Lists and tables go to the edges. */
  flush?: boolean
  className?: string
  children: ReactNode
}

/** A titled part of a page. */
export function Panel({ title, aside, actions, flush = false, className, children }: PanelProps) {
  return (
    <section className={cn('min-w-0 rounded-lg border bg-surface', className)}>
      <header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1.5 border-b px-4 py-1.5">
        <h2 className="text-base font-semibold tracking-tight">{title}</h2>
        {aside}
        {actions !== undefined && <div className="ml-auto flex flex-wrap items-center gap-1.5">{actions}</div>}
      </header>
      <div className={flush ? '' : 'p-4'}>{children}</div>
    </section>
  )
}

interface PageHeadProps {
  title: string
  /** One sentence: what this page is for. */
  intro?: ReactNode
  actions?: ReactNode
}

export function PageHead({ title, intro, actions }: PageHeadProps) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <div className="min-w-0">
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        {intro !== undefined && <p className="max-w-[72ch] text-pretty text-ink-soft">{intro}</p>}
      </div>
      {actions !== undefined && <div className="ml-auto flex flex-wrap items-center gap-2 max-md:ml-0">{actions}</div>}
    </div>
  )
}
