import type { ReactNode } from 'react'
import { cn } from './cn.ts'

export interface Fact {
  name: string
  value: ReactNode
  /** Explains the name on hover. */
  title?: string
  /** Needs attention: set off by weight and colour, and by a mark before the figure. */
  bad?: boolean
}

/** A few named figures side by side. */
export function Facts({ items, className }: { items: readonly Fact[]; className?: string }) {
  return (
    <dl className={cn('grid grid-cols-[repeat(auto-fill,minmax(7.5rem,1fr))] gap-x-4 gap-y-2.5', className)}>
      {items.map(({ name, value, title, bad }) => (
        <div key={name} className="min-w-0" title={title}>
          <dt className="truncate text-xs text-ink-faint">{name}</dt>
          <dd className={cn('wrap-anywhere', bad && 'font-semibold text-down')}>
            {bad && <span aria-hidden="true">! </span>}
            {value}
          </dd>
        </div>
      ))}
    </dl>
  )
}
