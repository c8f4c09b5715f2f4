'use client'
import { useTheme } from 'next-themes'
import { useEffect, useRef } from 'react'
import type UPlot from 'uplot'
import type { RateSample } from '#components/live/state.ts'
import { cn } from './cn.ts'

/** Shortest span of the chart in seconds, so that the first samples do not stretch over all of it. */
const spanSeconds = 120

function plotData(samples: readonly RateSample[]): UPlot.AlignedData {
  return [samples.map((s) => s.second), samples.map((s) => s.rate)]
}

function options(host: HTMLElement): UPlot.Options {
  const colour = () => getComputedStyle(host).color
  return {
    width: Math.max(1, host.clientWidth),
    height: Math.max(1, host.clientHeight),
    padding: [2, 1, 1, 1],
    cursor: { show: false },
    legend: { show: false },
    axes: [{ show: false }, { show: false }],
    scales: {
      x: { time: false, range: (_, min, max) => [Math.min(min, max - spanSeconds), max] },
      y: { range: (_, _min, max) => [0, Math.max(1, max * 1.1)] },
    },
    series: [
      {},
      {
        stroke: colour,
        fill: () => `color-mix(in oklch, ${colour()} 14%, transparent)`,
        width: 1.25,
        points: { show: false },
        // A gap in the samples is a time in which nothing could be asked.
        spanGaps: false,
      },
    ],
  }
}

/** The last two minutes of a rate. Decoration beside the figure, which carries the meaning. */
export function Sparkline({ samples, className }: { samples: readonly RateSample[]; className?: string }) {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot | null>(null)
  const latest = useRef(samples)
  const { resolvedTheme } = useTheme()

  useEffect(() => {
    latest.current = samples
    plot.current?.setData(plotData(samples))
  }, [samples])

  useEffect(() => {
    const element = host.current
    if (element === null) return
    let gone = false
    const resize = new ResizeObserver(() => {
      plot.current?.setSize({ width: Math.max(1, element.clientWidth), height: Math.max(1, element.clientHeight) })
    })
    import('uplot').then(({ default: Plot }) => {
      if (gone) return
      plot.current = new Plot(options(element), plotData(latest.current), element)
      resize.observe(element)
    })
    return () => {
      gone = true
      resize.disconnect()
      plot.current?.destroy()
      plot.current = null
    }
  }, [])

  // The canvas keeps the colours it was drawn with.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of theme is the reason to draw again
  useEffect(() => plot.current?.redraw(), [resolvedTheme])

  return <div ref={host} aria-hidden="true" className={cn('h-6 w-full overflow-hidden text-accent', className)} />
}
