'use client'
/** The connection between two stages, drawn as a wire. Birds that sit on it are messages that wait: one bird for each power of ten. */
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { birdPath } from '#components/ui/bird.tsx'
import { cn } from '#components/ui/cn.ts'
import { birdsWaiting, flowPace } from './flow.ts'

const width = 56
const anchor = 34
const sag = 7

/** Height of the hanging wire at `x`: a parabola through both ends. */
const wireY = (x: number): number => anchor + sag * (1 - ((x - width / 2) / (width / 2)) ** 2)

const wirePath = `M0 ${anchor}Q${width / 2} ${anchor + 2 * sag} ${width} ${anchor}`

const pace = {
  slow: '[animation-duration:5s]',
  steady: '[animation-duration:2.4s]',
  fast: '[animation-duration:1.2s]',
} as const

/** A third of the way apart from each other. */
const dotDelays: Readonly<Record<keyof typeof pace, readonly string[]>> = {
  slow: ['[animation-delay:-10s]', '[animation-delay:-11.67s]', '[animation-delay:-13.33s]'],
  steady: ['[animation-delay:-10s]', '[animation-delay:-10.8s]', '[animation-delay:-11.6s]'],
  fast: ['[animation-delay:-10s]', '[animation-delay:-10.4s]', '[animation-delay:-10.8s]'],
}

/** What moves along a wire: three dots, faster for more. */
function Dots({ flow, motion }: { flow: keyof typeof pace; motion: string }) {
  return dotDelays[flow].map((delay) => (
    <span
      key={delay}
      className={cn('absolute -top-0.5 -left-0.5 size-1 rounded-full bg-accent opacity-0', motion, pace[flow], delay)}
    />
  ))
}

function Birds({ count, y }: { count: number; y: (x: number) => number }) {
  return Array.from({ length: count }, (_, i) => {
    const x = width / 2 + (i - (count - 1) / 2) * 11
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: birds have no identity
      <g key={i} transform={`translate(${x - 6.4} ${y(x) - 11.6}) scale(.58)`} className="text-ink-soft">
        <path d={birdPath} fill="currentColor" />
        <path d="M10.8 18v2.6" stroke="currentColor" strokeWidth="1.6" />
      </g>
    )
  })
}

interface WireProps {
  /** Messages that wait here; null: could not be asked. */
  backlog: number | null
  /** There has been no run: nothing can wait, and nothing was asked. */
  idle: boolean
  /** Messages a second that the next stage takes. */
  rate: number | null
  /** Nothing moves while the facts are old. */
  stale: boolean
  from: string
  to: string
}

export function Wire({ backlog, idle, rate, stale, from, to }: WireProps) {
  const t = useTranslations('line')
  const f = useFormat()
  const birds = birdsWaiting(backlog)
  const flow = stale ? 'still' : flowPace(rate)
  const unknown = backlog === null
  return (
    <div className="flex shrink-0 items-center gap-3 pl-5 @5xl:w-14 @5xl:flex-col @5xl:gap-0 @5xl:pl-0">
      <div aria-hidden="true" className="relative hidden h-12 w-14 @5xl:block">
        <svg viewBox={`0 0 ${width} 48`} aria-hidden="true" className="size-full">
          <path
            d={wirePath}
            fill="none"
            strokeWidth="1.25"
            strokeDasharray={unknown ? '3 4' : undefined}
            className="stroke-line-strong"
          />
          <Birds count={birds} y={wireY} />
        </svg>
        {flow !== 'still' && <Dots flow={flow} motion="animate-fly" />}
      </div>
      <div aria-hidden="true" className="relative h-8 w-0 @5xl:hidden">
        <svg viewBox="0 0 4 32" aria-hidden="true" className="absolute inset-y-0 -left-0.5 h-8 w-1">
          <path
            d="M2 0v32"
            strokeWidth="1.25"
            strokeDasharray={unknown ? '3 4' : undefined}
            className="stroke-line-strong"
          />
        </svg>
        {flow !== 'still' && <Dots flow={flow} motion="animate-fall" />}
      </div>
      {!(idle && unknown) && (
        <p className="text-2xs leading-tight text-ink-faint @5xl:text-center" title={t('backlogTitle', { from, to })}>
          <span className={cn('font-medium', backlog !== null && backlog > 0 && 'text-ink')}>{f.compact(backlog)}</span>{' '}
          <span className="@5xl:block">{t('waiting')}</span>
        </p>
      )}
      {birds > 0 && (
        <svg viewBox={`0 10 ${width} 28`} aria-hidden="true" className="h-7 w-14 @5xl:hidden">
          <path d={`M0 ${anchor}H${width}`} strokeWidth="1" className="stroke-line-strong" />
          <Birds count={birds} y={() => anchor} />
        </svg>
      )}
    </div>
  )
}
