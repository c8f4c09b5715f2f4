'use client'
import { memo, useLayoutEffect, useRef } from 'react'
import { cn } from '#components/ui/cn.ts'
import { type LogLines, piecesOf } from './log-lines.ts'

const severity = (line: string): string =>
  /\b(ERROR|FATAL|SEVERE)\b/.test(line) ? 'text-down' : /\bWARN(ING)?\b/.test(line) ? 'text-degraded' : ''

/** Nearer to the end than this is at the end: sizes are fractions on some screens. */
const endPx = 24

interface LogTextProps {
  label: string
  log: LogLines
  /** Marked wherever it stands. */
  search: string
  /** Number of the line to bring into sight; null for none. */
  current: number | null
  /** Keeps the end in sight. */
  following: boolean
  /** The reader has gone back from the end. */
  onLeaveEnd: () => void
}

export function LogText({ label, log, search, current, following, onLeaveEnd }: LogTextProps) {
  const host = useRef<HTMLElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are the reason to scroll
  useLayoutEffect(() => {
    if (following && host.current !== null) host.current.scrollTop = host.current.scrollHeight
  }, [log, following])
  useLayoutEffect(() => {
    if (current !== null) host.current?.querySelector(`[data-line="${current}"]`)?.scrollIntoView({ block: 'center' })
  }, [current])
  return (
    <section
      ref={host}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        if (following && scrollHeight - scrollTop - clientHeight > endPx) onLeaveEnd()
      }}
      className={cn('min-h-0 flex-1 overflow-auto bg-sunken px-4 py-3', log.lines.length === 0 && 'hidden')}
    >
      <pre className="font-mono text-xs">
        {log.lines.map((line, i) => {
          const number = log.dropped + i
          return <Line key={number} number={number} line={line} search={search} current={current === number} />
        })}
      </pre>
    </section>
  )
}

interface LineProps {
  number: number
  line: string
  search: string
  current: boolean
}

const Line = memo(function Line({ number, line, search, current }: LineProps) {
  return (
    <span
      data-line={number}
      aria-current={current || undefined}
      className={cn('block min-h-4 whitespace-pre-wrap wrap-anywhere', severity(line), current && 'bg-accent-wash')}
    >
      {piecesOf(line, search).map(({ at, text, hit }) =>
        hit ? (
          <mark key={at} className="rounded-sm bg-degraded-wash text-ink ring-1 ring-degraded/60">
            {text}
          </mark>
        ) : (
          text
        ),
      )}
    </span>
  )
})
