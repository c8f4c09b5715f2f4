import { cn } from './cn.ts'

/** The mark: one bird, drawn to be read at 10 pixels as well as at 40. */
export const birdPath =
  'M1.6 20.4 8 11.2C8.6 6.6 11.4 3.6 15.2 3.6c2.7 0 4.7 1.5 5.4 3.7l2.6 1.2-2.5 1.4c-.1 5-3.5 8.6-8.9 8.6H7.4z'

export function Bird({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" className={cn('size-5', className)}>
      <path d={birdPath} fill="currentColor" />
      <circle cx="16.3" cy="7.6" r="1.15" className="fill-surface" />
    </svg>
  )
}

/** A bird alone on its wire: nothing here. */
export function BirdOnWire({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 160 48" aria-hidden="true" className={cn('h-12 w-40', className)}>
      <path d="M0 30q80 18 160 0" fill="none" stroke="currentColor" strokeWidth="1.25" className="text-line-strong" />
      <g transform="translate(64 12.4)" className="text-ink-faint">
        <path d={birdPath} fill="currentColor" />
        <circle cx="16.3" cy="7.6" r="1.15" className="fill-surface" />
        <path d="M10.6 18v8M13.4 18v8" stroke="currentColor" strokeWidth="1.1" fill="none" />
      </g>
    </svg>
  )
}
