import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn.ts'

/** Scrolls sideways by itself where it is too wide, so the page never does. */
export function Table({ label, children, className }: { label: string; children: ReactNode; className?: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className="relative overflow-x-auto">
      <table className={cn('w-full border-collapse', className)}>{children}</table>
    </section>
  )
}

export const Th = ({ className, numeric = false, ...props }: ComponentProps<'th'> & { numeric?: boolean }) => (
  <th
    scope="col"
    {...props}
    className={cn(
      'border-b px-2.5 py-2 text-left text-xs font-medium whitespace-nowrap text-ink-faint first:pl-4 last:pr-4',
      numeric && 'text-right',
      className,
    )}
  />
)

export const Td = ({ className, numeric = false, ...props }: ComponentProps<'td'> & { numeric?: boolean }) => (
  <td
    {...props}
    className={cn(
      'border-b px-2.5 py-2 align-top first:pl-4 last:pr-4',
      numeric && 'text-right whitespace-nowrap',
      className,
    )}
  />
)

/** Names the row. */
export const RowHead = ({ className, ...props }: ComponentProps<'th'>) => (
  <th
    scope="row"
    {...props}
    className={cn('border-b px-2.5 py-2 text-left align-top font-medium first:pl-4 last:pr-4', className)}
  />
)
