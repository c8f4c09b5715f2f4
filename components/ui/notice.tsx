import { CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from './cn.ts'

const tones: Record<'info' | 'good' | 'warning' | 'error', { icon: LucideIcon; box: string; mark: string }> = {
  info: { icon: Info, box: 'border-accent/30 bg-accent-wash', mark: 'text-accent' },
  good: { icon: CircleCheck, box: 'border-up/30 bg-up-wash', mark: 'text-up' },
  warning: { icon: TriangleAlert, box: 'border-degraded/35 bg-degraded-wash', mark: 'text-degraded' },
  error: { icon: CircleAlert, box: 'border-down/35 bg-down-wash', mark: 'text-down' },
}

interface NoticeProps {
  tone: keyof typeof tones
  title: ReactNode
  children?: ReactNode
  action?: ReactNode
  /** Read out at once when it appears. */
  live?: boolean
  className?: string
}

export function Notice({ tone, title, children, action, live = false, className }: NoticeProps) {
  const { icon: Icon, box, mark } = tones[tone]
  return (
    <div
      role={live ? (tone === 'error' ? 'alert' : 'status') : undefined}
      className={cn('flex items-start gap-2.5 rounded-md border px-3 py-2', box, className)}
    >
      <Icon aria-hidden className={cn('mt-0.5 size-4 shrink-0', mark)} strokeWidth={2} />
      <div className="min-w-0 flex-1 wrap-anywhere">
        <p className="font-medium text-ink">{title}</p>
        {children !== undefined && <div className="text-ink-soft">{children}</div>}
      </div>
      {action}
    </div>
  )
}
