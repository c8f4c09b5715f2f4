'use client'
/** A service's log: followed or held, from a time on, searched, and had as a file. */
import { Download, Pause, Play } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { Failed } from '#components/ui/blank.tsx'
import { Button, buttonClass } from '#components/ui/button.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import type { ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import { keptLines, type LogLines, lineCount, matchingLines } from './log-lines.ts'
import { LogSearch } from './log-search.tsx'
import { LogSince } from './log-since.tsx'
import { LogText } from './log-text.tsx'
import { logPath, useLog } from './use-log.ts'

/** As many as the server gives. */
const allLines = 100_000

interface LogDrawerProps {
  service: ServiceSnapshot
  open: boolean
  onOpenChange: (open: boolean) => void
}

export function LogDrawer({ service, open, onOpenChange }: LogDrawerProps) {
  const t = useTranslations('log')
  return (
    <Dialog shape="side" open={open} onOpenChange={onOpenChange} title={t('title', { service: service.id })}>
      <Log service={service} />
    </Dialog>
  )
}

/** What is found in what is shown, and which of it is in sight. */
function useSearch(log: LogLines, hold: () => void) {
  const [text, setText] = useState('')
  const [current, setCurrent] = useState<number | null>(null)
  const found = matchingLines(log, text)
  const at = current === null ? -1 : found.indexOf(current)
  return {
    text,
    found: found.length,
    current: at === -1 ? null : current,
    at: at === -1 ? null : at,
    onText: (next: string) => {
      setText(next)
      setCurrent(null)
    },
    onStep: (step: 1 | -1) => {
      if (found.length === 0) return
      hold()
      // From the end when none is in sight: that is where one reads.
      const from = at === -1 ? (step === 1 ? found.length - 2 : found.length) : at
      setCurrent(found[(from + step + found.length) % found.length] ?? null)
    },
  }
}

function Log({ service: { id, startedAt } }: { service: ServiceSnapshot }) {
  const t = useTranslations('log')
  const [since, setSince] = useState<number | null>(null)
  const [attempt, setAttempt] = useState(0)
  const { log, ended, error } = useLog(id, since, attempt)
  const [held, setHeld] = useState<LogLines | null>(null)
  const shown = held ?? log
  const hold = () => setHeld((before) => before ?? log)
  const { current, ...search } = useSearch(shown, hold)
  const empty = shown.lines.length === 0
  return (
    <>
      <div className="flex flex-wrap items-end gap-2 border-b px-4 py-2.5">
        <LogSince
          startedAt={startedAt}
          onChange={(at) => {
            setSince(at)
            setHeld(null)
          }}
        />
        <LogSearch {...search} />
        <div className="flex gap-2">
          <Button icon={held === null ? Pause : Play} onClick={() => (held === null ? hold() : setHeld(null))}>
            {held === null ? t('hold') : t('goOn')}
          </Button>
          <a
            href={logPath(id, { download: 1, since, tail: since === null ? allLines : null })}
            download
            className={buttonClass()}
          >
            <Download aria-hidden className="size-4" strokeWidth={1.75} />
            {t('download')}
          </a>
        </div>
      </div>
      {error !== null && <Failed what={t('failed')} error={error} retry={() => setAttempt(attempt + 1)} />}
      {empty && error === null && <p className="flex-1 p-4 text-ink-soft">{t('none')}</p>}
      <LogText
        label={t('title', { service: id })}
        log={shown}
        search={search.text}
        current={current}
        following={held === null}
        onLeaveEnd={hold}
      />
      <Foot log={log} held={held} ended={ended} />
    </>
  )
}

function Foot({ log, held, ended }: { log: LogLines; held: LogLines | null; ended: boolean }) {
  const t = useTranslations('log')
  const f = useFormat()
  const newer = held === null ? 0 : lineCount(log) - lineCount(held)
  const state = ended ? t('ended') : held === null ? t('follow') : t('held', { count: newer, shown: f.count(newer) })
  return (
    <div className="flex min-h-11 flex-wrap items-center gap-x-4 border-t px-4 py-1.5 text-xs text-ink-faint">
      <span role="status">{state}</span>
      <span>{t('lines', { count: lineCount(log), shown: f.count(lineCount(log)) })}</span>
      {log.dropped > 0 && <span>{t('bounded', { count: f.count(keptLines) })}</span>}
    </div>
  )
}
