import { cn } from './cn.ts'

/** How far something is, 0 to 1; null where the whole is not known. */
export function Meter({ share, label, className }: { share: number | null; label: string; className?: string }) {
  const known = share === null ? null : Math.max(0, Math.min(1, share))
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={known === null ? undefined : Math.round(known * 100)}
      className={cn('h-1.5 overflow-hidden rounded-full bg-sunken ring-1 ring-line ring-inset', className)}
    >
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" className="block size-full text-accent">
        {known === null ? (
          <path d="M0 2h100" stroke="currentColor" strokeWidth="4" strokeDasharray="6 6" className="animate-flow" />
        ) : (
          <rect width={known * 100} height="4" fill="currentColor" />
        )}
      </svg>
    </div>
  )
}
