'use client'
/** A chart by ECharts, which is fetched when the first chart comes into view. */
import type { EChartsCoreOption, EChartsType } from 'echarts/core'
import { useTheme } from 'next-themes'
import { useEffect, useRef, useState } from 'react'
import { cn } from '#components/ui/cn.ts'

/** Colours of the page as the canvas takes them. */
export interface ChartInk {
  readonly theme: 'light' | 'dark'
  readonly ink: string
  readonly faint: string
  readonly line: string
  readonly surface: string
  readonly accent: string
  /** A canvas inherits no font. */
  readonly font: string
}

const inks: Readonly<Record<'light' | 'dark', Omit<ChartInk, 'font'>>> = {
  light: { theme: 'light', ink: '#1c272d', faint: '#5b6870', line: '#d6dee2', surface: '#fcfdfd', accent: '#1f6f8f' },
  dark: { theme: 'dark', ink: '#e7ecee', faint: '#98a5ad', line: '#33424b', surface: '#152028', accent: '#5cc0d8' },
}

interface ChartProps {
  /** Made anew for each theme. `compact`: there is little room for labels. */
  option: (ink: ChartInk, compact: boolean) => EChartsCoreOption
  /** What the chart shows, for those who do not see it. */
  label: string
  /** Called with the name of the datum that was clicked. */
  onPick?: (name: string) => void
  className?: string
}

const compactBelow = 480

/** Its figures must stand beside it as text or table: a canvas says nothing to a screen reader. */
export function Chart({ option, label, onPick, className }: ChartProps) {
  const host = useRef<HTMLDivElement>(null)
  const chart = useRef<EChartsType | null>(null)
  const picked = useRef(onPick)
  const [width, setWidth] = useState(0)
  const { resolvedTheme } = useTheme()
  const ink = inks[resolvedTheme === 'dark' ? 'dark' : 'light']
  picked.current = onPick

  useEffect(() => {
    const element = host.current
    if (element === null) return
    let gone = false
    const resize = new ResizeObserver(() => {
      chart.current?.resize()
      setWidth(element.clientWidth)
    })
    import('./echarts.ts').then(({ init }) => {
      if (gone) return
      chart.current = init(element)
      chart.current.on('click', (event) => picked.current?.(String(event.seriesName ?? event.name)))
      resize.observe(element)
    })
    return () => {
      gone = true
      resize.disconnect()
      chart.current?.dispose()
      chart.current = null
    }
  }, [])

  useEffect(() => {
    if (width === 0 || host.current === null) return
    const font = getComputedStyle(host.current).fontFamily
    chart.current?.setOption(option({ ...ink, font }, width < compactBelow), { notMerge: true, lazyUpdate: true })
  }, [option, ink, width])

  return <div ref={host} role="img" aria-label={label} className={cn('h-72 w-full', className)} />
}
