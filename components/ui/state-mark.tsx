'use client'
import { useTranslations } from 'use-intl'
import type { State } from '#lib/pipeline/status.ts'
import { cn } from './cn.ts'

const colour: Record<State, string> = {
  up: 'text-up',
  starting: 'text-starting',
  degraded: 'text-degraded',
  down: 'text-down',
  unknown: 'text-unknown',
}

const washes: Record<State, string> = {
  up: 'bg-up-wash',
  starting: 'bg-starting-wash',
  degraded: 'bg-degraded-wash',
  down: 'bg-down-wash',
  unknown: 'bg-sunken',
}

/** Each state has a shape of its own, so it can be told apart without colour: disc, open ring, triangle, square, dashed ring. */
export function StateShape({ state, className }: { state: State; className?: string }) {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true" className={cn('size-3 shrink-0', colour[state], className)}>
      {state === 'up' && <circle cx="6" cy="6" r="4.5" fill="currentColor" />}
      {state === 'starting' && (
        <g className="origin-center animate-turn">
          <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1" opacity="0.4" />
          <path d="M6 1.75a4.25 4.25 0 0 1 4.25 4.25" fill="none" stroke="currentColor" strokeWidth="2.25" />
        </g>
      )}
      {state === 'degraded' && <path d="M6 .9 11.6 10.9H.4z" fill="currentColor" />}
      {state === 'down' && <rect x="1.5" y="1.5" width="9" height="9" rx="1" fill="currentColor" />}
      {state === 'unknown' && (
        <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="2.2 2.2" />
      )}
    </svg>
  )
}

interface StateMarkProps {
  state: State
  /** Another word than the state's own, such as an engine's RUNNING. */
  word?: string
  pill?: boolean
  className?: string
}

export function StateMark({ state, word, pill = false, className }: StateMarkProps) {
  const t = useTranslations('state')
  return (
    <span
      className={cn(
        'inline-flex items-center gap-1.5 font-medium whitespace-nowrap',
        colour[state],
        pill && `rounded-full px-2 py-0.5 text-xs ${washes[state]}`,
        className,
      )}
    >
      <StateShape state={state} />
      {word ?? t(state)}
    </span>
  )
}
