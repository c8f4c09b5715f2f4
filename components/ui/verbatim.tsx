import { cn } from './cn.ts'

interface Props {
  readonly label: string
  readonly children: string
  /** Long lines are broken; else they scroll. */
  readonly wrapped?: boolean
  readonly className?: string
}

/** Text of a program as it is, in a box that scrolls by itself. */
export function Verbatim({ label, children, wrapped = false, className }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className={cn('max-w-full overflow-auto rounded-md bg-sunken', className)}>
      <pre className={cn('p-2.5 text-left font-mono text-xs', wrapped && 'whitespace-pre-wrap wrap-anywhere')}>
        {children}
      </pre>
    </section>
  )
}
