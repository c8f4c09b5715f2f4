'use client'
import { ChevronRight } from 'lucide-react'
import { memo } from 'react'
import { useTranslations } from 'use-intl'
import type { SeenMessage } from '#components/live/taps.ts'
import { cn } from '#components/ui/cn.ts'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { Moment } from '#components/ui/time.tsx'
import type { TapMessage } from '#lib/pipeline/message.ts'
import { preview } from './payload.ts'

/** Pixels of a closed row, its border included. */
export const messageRowHeight = 32

interface MessageRowProps {
  seen: SeenMessage
  open: boolean
  onToggle: (key: number) => void
}

/** One message in one line; opened it shows the payload as it is, and everything that travels beside it. */
export const MessageRow = memo(function MessageRow({ seen, open, onToggle }: MessageRowProps) {
  const { message } = seen
  const { userId, text } = preview(message.value)
  return (
    <div className="border-b">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => onToggle(seen.key)}
        className="flex h-[31px] w-full items-center gap-2.5 px-3 text-left -outline-offset-2 hover:bg-sunken"
      >
        <ChevronRight
          aria-hidden
          className={cn('size-3.5 shrink-0 text-ink-faint transition-transform', open && 'rotate-90')}
        />
        <span className="shrink-0 text-xs text-ink-faint">
          <Moment at={message.at} day={false} />
        </span>
        {userId !== null && <span className="shrink-0 font-mono text-xs text-accent max-sm:hidden">{userId}</span>}
        <span className="truncate">{text}</span>
      </button>
      {open && <MessageDetails message={message} />}
    </div>
  )
})

function MessageDetails({ message }: { message: TapMessage }) {
  const t = useTranslations('messages')
  const { topic, key, partition, offset, headers } = message
  const facts: readonly [string, string | null][] = [
    [t('topic'), topic],
    [t('key'), key],
    [t('partition'), partition === null ? null : String(partition)],
    [t('offset'), offset],
    ...Object.entries(headers).map(([name, value]): [string, string] => [name, value]),
  ]
  return (
    <div className="grid gap-3 bg-sunken px-4 py-3">
      <div className="flex items-start gap-2">
        <pre className="min-w-0 flex-1 font-mono text-xs whitespace-pre-wrap wrap-anywhere">{message.value}</pre>
        <CopyButton text={message.value} label={t('copy')} />
      </div>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5 font-mono text-xs">
        {facts.map(
          ([name, value]) =>
            value !== null && (
              <div key={name} className="contents">
                <dt className="text-ink-faint">{name}</dt>
                <dd className="wrap-anywhere">{value}</dd>
              </div>
            ),
        )}
      </dl>
    </div>
  )
}
