'use client'
import { ArrowDown } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { stream } from '#components/live/api.ts'
import { Failed, Loading } from '#components/ui/blank.tsx'
import { Button } from '#components/ui/button.tsx'
import { cn } from '#components/ui/cn.ts'
import { Dialog } from '#components/ui/dialog.tsx'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { addPiece, keptLines, type LogLines, noLines } from './log-lines.ts'

interface LogDrawerProps {
  service: ServiceId
  open: boolean
  onOpenChange: (open: boolean) => void
}

export function LogDrawer({ service, open, onOpenChange }: LogDrawerProps) {
  const t = useTranslations('services')
  return (
    <Dialog shape="side" open={open} onOpenChange={onOpenChange} title={t('logTitle', { service })}>
      <Log service={service} />
    </Dialog>
  )
}

interface LogState {
  log: LogLines
  ended: boolean
  error: unknown
}

/** Follows the log while it is mounted. Pieces are gathered, so a chatty service costs one render per frame at most. */
function useLog(service: ServiceId): LogState {
  const [state, setState] = useState<LogState>({ log: noLines, ended: false, error: null })
  useEffect(() => {
    const abort = new AbortController()
    let log = noLines
    let frame = 0
    const show = (change: Partial<LogState>) => {
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(() => setState((before) => ({ ...before, log, ...change })))
    }
    const read = async () => {
      try {
        for await (const piece of stream(`/api/services/${service}/logs?tail=500&follow=1`, abort.signal)) {
          log = addPiece(log, piece)
          show({})
        }
        show({ ended: true })
      } catch (error) {
        if (!abort.signal.aborted) show({ error })
      }
    }
    void read()
    return () => {
      abort.abort()
      cancelAnimationFrame(frame)
    }
  }, [service])
  return state
}

const severity = (line: string): string =>
  /\b(ERROR|FATAL|SEVERE)\b/.test(line) ? 'text-down' : /\bWARN(ING)?\b/.test(line) ? 'text-degraded' : ''

function Log({ service }: { service: ServiceId }) {
  const t = useTranslations('services')
  const f = useFormat()
  const { log, ended, error } = useLog(service)
  const host = useRef<HTMLElement>(null)
  const [following, setFollowing] = useState(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are the reason to scroll
  useEffect(() => {
    if (following && host.current !== null) host.current.scrollTop = host.current.scrollHeight
  }, [log, following])
  const empty = log.lines.length === 0
  return (
    <>
      {error !== null && <Failed what={t('logFailed')} error={error} />}
      {empty && !ended && error === null && <Loading />}
      {empty && ended && <p className="p-4 text-ink-soft">{t('logEmpty')}</p>}
      <section
        ref={host}
        aria-label={t('logTitle', { service })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) =>
          setFollowing(scrollHeight - scrollTop - clientHeight < 24)
        }
        className={cn('min-h-0 flex-1 overflow-auto bg-sunken px-4 py-3', empty && 'hidden')}
      >
        <pre className="font-mono text-xs">
          {log.lines.map((line, i) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: with the dropped lines added it is the line's number
              key={log.dropped + i}
              className={cn('block min-h-4 whitespace-pre-wrap wrap-anywhere', severity(line))}
            >
              {line}
            </span>
          ))}
        </pre>
      </section>
      <div className="flex min-h-11 flex-wrap items-center gap-x-4 border-t px-4 py-1.5 text-xs text-ink-faint">
        <span role="status">{ended ? t('logEnded') : t('logFollow')}</span>
        {log.dropped > 0 && <span>{t('logBounded', { count: f.count(keptLines) })}</span>}
        {!following && (
          <Button size="sm" icon={ArrowDown} className="ml-auto" onClick={() => setFollowing(true)}>
            {t('logToEnd')}
          </Button>
        )}
      </div>
    </>
  )
}
