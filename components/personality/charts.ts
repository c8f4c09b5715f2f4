/** The answers as charts. Pure: from a table to what ECharts draws. */
import type { EChartsCoreOption } from 'echarts/core'
import type { ChartInk } from '#components/charts/chart.tsx'
import { mbtiTypes } from '#lib/pipeline/personality.ts'
import type { SqlTable, SqlValue } from '#lib/pipeline/sql.ts'
import { typeColour } from '#lib/pipeline/type-colours.ts'

export interface Words {
  /** Name of a type; null is a user without a label. */
  readonly type: (type: string | null) => string
  readonly count: (value: number) => string
  readonly percent: (share: number) => string
  /** Name of a column as a series. */
  readonly column: (name: string) => string
  readonly time: (ms: number) => string
}

export type Draw = (table: SqlTable, words: Words) => (ink: ChartInk, compact: boolean) => EChartsCoreOption

const allTypes: readonly string[] = mbtiTypes

const textOf = (value: SqlValue | undefined): string | null => (value == null ? null : String(value))
/** Counts stay far below 2^53; ids never come here. */
const numberOf = (value: SqlValue | undefined): number => Number(value ?? 0)

const frame = (ink: ChartInk) => ({
  animation: false,
  textStyle: { fontFamily: ink.font, color: ink.ink },
  grid: { left: 4, right: 12, top: 8, bottom: 4, containLabel: true },
  tooltip: {
    confine: true,
    backgroundColor: ink.surface,
    borderColor: ink.line,
    textStyle: { color: ink.ink, fontSize: 12 },
  },
})

const valueAxis = (ink: ChartInk, words: Words) => ({
  type: 'value',
  axisLabel: { color: ink.faint, fontSize: 11, formatter: words.count, hideOverlap: true },
  splitLine: { lineStyle: { color: ink.line } },
})

const nameAxis = (ink: ChartInk, data: readonly string[], more: object = {}) => ({
  type: 'category',
  data,
  axisLabel: { color: ink.ink, fontSize: 11, interval: 0, ...more },
  axisLine: { lineStyle: { color: ink.line } },
  axisTick: { show: false },
})

const legend = (ink: ChartInk) => ({
  type: 'scroll',
  bottom: 0,
  itemWidth: 10,
  itemHeight: 10,
  textStyle: { color: ink.ink, fontSize: 11 },
  pageTextStyle: { color: ink.faint },
  pageIconColor: ink.accent,
  pageIconInactiveColor: ink.line,
})

/** One bar a type, the greatest on top, each with its share of all. Columns: type, figure. */
export const sharesByType: (figure: string) => Draw =
  (figure) =>
  ({ columns, rows }, words) =>
  (ink) => {
    const at = columns.indexOf(figure)
    const bars = rows.map((row) => ({ type: textOf(row[0]), value: numberOf(row[at]) })).toReversed()
    const all = bars.reduce((sum, { value }) => sum + value, 0)
    const share = (value: number) => (all === 0 ? '' : words.percent(value / all))
    return {
      ...frame(ink),
      grid: { ...frame(ink).grid, right: 64 },
      xAxis: valueAxis(ink, words),
      yAxis: nameAxis(
        ink,
        bars.map(({ type }) => words.type(type)),
      ),
      series: [
        {
          type: 'bar',
          name: words.column(figure),
          data: bars.map(({ type, value }) => ({ value, itemStyle: { color: typeColour(type, ink.theme) } })),
          label: {
            show: true,
            position: 'right',
            color: ink.faint,
            fontSize: 11,
            formatter: ({ value }: { value: number }) => share(value),
          },
          tooltip: { valueFormatter: (value: number) => `${words.count(value)} (${share(value)})` },
        },
      ],
    }
  }

const seriesColours = (ink: ChartInk) =>
  ink.theme === 'light' ? ['#1f6f8f', '#a5761d', '#7a4fa3'] : ['#5cc0d8', '#e0b25a', '#b79be0']

/** One stacked bar a type; every column after the first is a part of it. */
export const partsByType: Draw =
  ({ columns, rows }, words) =>
  (ink, compact) => ({
    ...frame(ink),
    grid: { ...frame(ink).grid, bottom: 28 },
    legend: legend(ink),
    color: seriesColours(ink),
    tooltip: { ...frame(ink).tooltip, trigger: 'axis', axisPointer: { type: 'shadow' }, valueFormatter: words.count },
    xAxis: nameAxis(
      ink,
      rows.map((row) => words.type(textOf(row[0]))),
      compact ? { rotate: 90 } : {},
    ),
    yAxis: valueAxis(ink, words),
    series: columns.slice(1).map((column, i) => ({
      type: 'bar',
      stack: 'all',
      name: words.column(column),
      data: rows.map((row) => numberOf(row[i + 1])),
    })),
  })

/** Columns: minute (ISO), type, tweets. Minutes without a tweet are drawn as such. */
export const minutesByType: Draw =
  ({ rows }, words) =>
  (ink) => {
    const minute = 60_000
    const seen = rows.map((row) => ({ at: Date.parse(String(row[0])), type: textOf(row[1]), tweets: numberOf(row[2]) }))
    const first = Math.min(...seen.map(({ at }) => at))
    const last = Math.max(...seen.map(({ at }) => at))
    const length = seen.length === 0 ? 0 : Math.round((last - first) / minute) + 1
    const series = new Map<string | null, number[]>()
    for (const { at, type, tweets } of seen) {
      const data = series.get(type) ?? new Array<number>(length).fill(0)
      data[Math.round((at - first) / minute)] = tweets
      series.set(type, data)
    }
    const place = (type: string | null) => (type === null ? mbtiTypes.length : allTypes.indexOf(type))
    return {
      ...frame(ink),
      grid: { ...frame(ink).grid, bottom: 28 },
      legend: legend(ink),
      tooltip: { ...frame(ink).tooltip, trigger: 'axis', axisPointer: { type: 'shadow' }, order: 'valueDesc' },
      xAxis: nameAxis(
        ink,
        Array.from({ length }, (_, i) => words.time(first + i * minute)),
        { interval: 'auto' },
      ),
      yAxis: valueAxis(ink, words),
      series: [...series]
        .sort(([a], [b]) => place(a) - place(b))
        .map(([type, data]) => ({
          type: 'bar',
          stack: 'all',
          name: words.type(type),
          itemStyle: { color: typeColour(type, ink.theme) },
          data,
        })),
    }
  }

/** Columns: who follows, who is followed, how many edges. */
export const followMatrix: Draw =
  ({ rows }, words) =>
  (ink, compact) => {
    const names = mbtiTypes.map((type) => words.type(type))
    const place = (value: SqlValue | undefined) => allTypes.indexOf(String(value))
    const cells = rows.map((row) => [place(row[1]), place(row[0]), numberOf(row[2])])
    const labels = compact ? { rotate: 90, fontSize: 9 } : {}
    return {
      ...frame(ink),
      tooltip: {
        ...frame(ink).tooltip,
        formatter: ({ value: [to = 0, from = 0, edges = 0] }: { value: number[] }) =>
          `${names[from]} → ${names[to]}: ${words.count(edges)}`,
      },
      grid: { ...frame(ink).grid, right: 8 },
      xAxis: { ...nameAxis(ink, names, labels), position: 'top' },
      yAxis: { ...nameAxis(ink, names), inverse: true },
      visualMap: {
        show: false,
        min: 0,
        max: Math.max(1, ...cells.map(([, , edges]) => edges ?? 0)),
        inRange: { color: [ink.surface, ink.accent] },
      },
      series: [{ type: 'heatmap', data: cells, itemStyle: { borderColor: ink.line, borderWidth: 0.5 } }],
    }
  }
