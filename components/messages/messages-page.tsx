'use client'
/** MQTT and Kafka beside each other where there is room, one at a time where there is not. */
import { useId, useState, useSyncExternalStore } from 'react'
import { useTranslations } from 'use-intl'
import { Choice } from '#components/ui/field.tsx'
import { PageHead } from '#components/ui/panel.tsx'
import type { TapSource } from '#lib/live/events.ts'
import { MessagePane } from './message-pane.tsx'

const sources: readonly TapSource[] = ['mosquitto', 'kafka']
const wideQuery = '(min-width: 64rem)'

function subscribe(listener: () => void): () => void {
  const media = window.matchMedia(wideQuery)
  media.addEventListener('change', listener)
  return () => media.removeEventListener('change', listener)
}

/** Not by style alone: a pane that is out of sight must not read its topic. */
const useWide = (): boolean =>
  useSyncExternalStore(
    subscribe,
    () => window.matchMedia(wideQuery).matches,
    () => true,
  )

export function MessagePanes({ tall = false }: { tall?: boolean }) {
  const t = useTranslations('messages')
  const wide = useWide()
  const name = useId()
  const [chosen, setChosen] = useState<TapSource>('mosquitto')
  if (wide)
    return (
      <div className="grid grid-cols-2 items-start gap-4 md:gap-5">
        {sources.map((source) => (
          <MessagePane key={source} source={source} tall={tall} />
        ))}
      </div>
    )
  return (
    <div className="grid gap-3">
      <Choice
        legend={t('choose')}
        name={name}
        value={chosen}
        options={sources.map((value) => ({ value, label: t(`short.${value}`) }))}
        onChange={setChosen}
      />
      <MessagePane key={chosen} source={chosen} tall={tall} />
    </div>
  )
}

export function MessagesPage() {
  const t = useTranslations('messages')
  return (
    <div className="grid gap-4 md:gap-5">
      <PageHead title={t('title')} intro={t('intro')} />
      <MessagePanes tall />
    </div>
  )
}
