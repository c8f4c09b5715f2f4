'use client'
/** A live read of one topic: newest first, bounded, with an honest count of what passes without being shown. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { Pause, Play } from 'lucide-react'
import { useCallback, useEffect, useEffectEvent, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { useTap } from '#components/live/provider.tsx'
import type { SeenMessage, TapView } from '#components/live/taps.ts'
import { Empty } from '#components/ui/blank.tsx'
import { Button } from '#components/ui/button.tsx'
import { cn } from '#components/ui/cn.ts'
import { Notice } from '#components/ui/notice.tsx'
import { Panel } from '#components/ui/panel.tsx'
import type { TapSource } from '#lib/live/events.ts'
import { MessageRow, messageRowHeight } from './message-row.tsx'

interface Held {
  messages: readonly SeenMessage[]
  nextKey: number
  /** `reader` until one asks to go on, `pointer` until pointer and focus have left the list: a row that moves away cannot be opened. */
  by: 'reader' | 'pointer'
}

/** Holds what is on screen while it is read: by the button, by scrolling down, by opening a message, by pointing at one. */
function useHeld({ messages, nextKey }: TapView) {
  const [held, setHeld] = useState<Held | null>(null)
  return {
    held: held !== null,
    messages: held?.messages ?? messages,
    newer: held === null ? 0 : nextKey - held.nextKey,
    hold: () => setHeld((before) => ({ ...(before ?? { messages, nextKey }), by: 'reader' })),
    point: () => setHeld((before) => before ?? { messages, nextKey, by: 'pointer' }),
    leave: () => setHeld((before) => (before?.by === 'pointer' ? null : before)),
    release: () => setHeld(null),
  }
}

export function MessagePane({ source, tall = false }: { source: TapSource; tall?: boolean }) {
  const t = useTranslations('messages')
  const view = useTap(source, true)
  const holding = useHeld(view)
  const { held, messages, newer, hold, release } = holding
  return (
    <Panel
      flush
      title={t(`source.${source}`)}
      aside={<Passing view={view} />}
      actions={
        held ? (
          <Button size="sm" variant="primary" icon={Play} onClick={release}>
            {newer > 0 ? t('showNewer', { count: newer }) : t('goOn')}
          </Button>
        ) : (
          <Button size="sm" icon={Pause} onClick={hold}>
            {t('pause')}
          </Button>
        )
      }
    >
      {view.state === 'closed' && (
        <Notice live tone="error" title={t('closed')} className="m-3">
          {view.reason ?? t('closedBody')}
        </Notice>
      )}
      {view.missedBatches > 0 && (
        <p className="border-b bg-degraded-wash px-4 py-1.5 text-xs text-ink-soft">
          {t('missed', { count: view.missedBatches })}
        </p>
      )}
      {messages.length === 0 ? (
        <Empty title={view.state === 'open' ? t('nothingYet') : t('connecting')}>{t(`emptyBody.${source}`)}</Empty>
      ) : (
        <MessageList label={t(`source.${source}`)} tall={tall} holding={holding} />
      )}
    </Panel>
  )
}

/** "Showing n of m a second." */
function Passing({ view }: { view: TapView }) {
  const t = useTranslations('messages')
  const f = useFormat()
  if (view.state !== 'open') return <span className="text-xs text-ink-faint">{t(`state.${view.state}`)}</span>
  if (view.shownRate === null || view.passedRate === null) return null
  return (
    <span className="text-xs text-ink-soft">
      {t('showing', { shown: f.decimal(view.shownRate), passed: f.rate(view.passedRate) })}
    </span>
  )
}

const noneOpened: ReadonlySet<number> = new Set()

interface MessageListProps {
  label: string
  tall: boolean
  holding: ReturnType<typeof useHeld>
}

function MessageList({ label, tall, holding }: MessageListProps) {
  const { held, messages, point, leave } = holding
  const host = useRef<HTMLElement>(null)
  const [open, setOpen] = useState<number | null>(null)
  // Closed rows are all of one height; measuring each that passes by would cost more than showing it.
  const [opened, setOpened] = useState<ReadonlySet<number>>(noneOpened)
  // The same function in every render, so that rows which did not change are not rendered again.
  const toggle = useCallback((key: number) => {
    setOpen((before) => (before === key ? null : key))
    setOpened((before) => new Set(before).add(key))
  }, [])
  const hold = useEffectEvent(holding.hold)
  useEffect(() => {
    if (open !== null) hold()
  }, [open])
  const rows = useVirtualizer({
    count: messages.length,
    getScrollElement: () => host.current,
    estimateSize: () => messageRowHeight,
    getItemKey: (i) => messages[i]?.key ?? i,
    overscan: 8,
  })
  return (
    <section
      ref={host}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={(event) => {
        if (!held && event.currentTarget.scrollTop > 4) holding.hold()
      }}
      onPointerEnter={point}
      onPointerLeave={(event) => {
        // A finger that is lifted leaves before its tap opens a row.
        if (event.pointerType !== 'touch' && !event.currentTarget.matches(':focus-within')) leave()
      }}
      onPointerCancel={leave}
      onFocus={point}
      onBlur={(event) => {
        const list = event.currentTarget
        if (!list.contains(event.relatedTarget) && !list.matches(':hover')) leave()
      }}
      className={cn('overflow-y-auto overscroll-contain', tall ? 'h-[calc(100dvh-14rem)] min-h-72' : 'h-72')}
    >
      <ul className="relative w-full" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const seen = messages[item.index]
          if (seen === undefined) return null
          return (
            <li
              key={item.key}
              ref={opened.has(seen.key) ? rows.measureElement : undefined}
              data-index={item.index}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <MessageRow seen={seen} open={open === seen.key} onToggle={toggle} />
            </li>
          )
        })}
      </ul>
    </section>
  )
}
