'use client'
/** The door: turns a one-time link into a session, or says how to get a link. */
import { useMutation } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { ApiError, call } from '#components/live/api.ts'
import { Bird, BirdOnWire } from '#components/ui/bird.tsx'
import { Button } from '#components/ui/button.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { Field, Input } from '#components/ui/field.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { tokenOf } from './enter-token.ts'

const command = 'bin/aviary token'

/** A link works once, so it is redeemed once: also when React runs the effect twice. */
function useEntrance() {
  const redeemed = useRef(false)
  const entrance = useMutation({
    mutationFn: (token: string) => call('POST', '/api/session', { token }),
    onSuccess: () => window.location.replace('/'),
  })
  const { mutate } = entrance
  useEffect(() => {
    const token = tokenOf(window.location.href)
    if (token === null || redeemed.current) return
    redeemed.current = true
    // Out of the address bar and the history before anything else happens.
    window.history.replaceState(null, '', '/enter')
    mutate(token)
  }, [mutate])
  return entrance
}

export function EnterPage() {
  const t = useTranslations('enter')
  const entrance = useEntrance()
  const busy = entrance.isPending || entrance.isSuccess
  return (
    <main className="mx-auto grid min-h-dvh max-w-md content-center gap-5 px-5 py-10">
      <BirdOnWire className="h-16 w-full text-line-strong" />
      <div className="flex items-center gap-2">
        <Bird className="size-6 text-accent" />
        <h1 className="text-xl font-semibold tracking-tight">{t('title')}</h1>
      </div>
      {busy ? (
        <p role="status" className="text-ink-soft">
          {t('entering')}
        </p>
      ) : (
        <>
          {entrance.error !== null && <WrongLink error={entrance.error} />}
          <HowToGetIn />
          <PasteLink onToken={entrance.mutate} />
        </>
      )}
    </main>
  )
}

function WrongLink({ error }: { error: Error }) {
  const t = useTranslations('enter')
  const common = useTranslations('common')
  const unreachable = error instanceof ApiError && error.status === 0
  return (
    <Notice live tone="error" title={t('failed')}>
      {unreachable ? common('unreachable') : error.message}
    </Notice>
  )
}

function HowToGetIn() {
  const t = useTranslations('enter')
  return (
    <section className="grid gap-2">
      <h2 className="text-base font-semibold">{t('needLink')}</h2>
      <p className="text-pretty text-ink-soft">{t('needLinkBody')}</p>
      <p className="flex items-center justify-between rounded-md border bg-surface py-1 pr-1 pl-3 font-mono">
        {command}
        <CopyButton text={command} label={t('copy')} />
      </p>
      <p className="text-pretty text-ink-soft">{t('needLinkOther')}</p>
    </section>
  )
}

function PasteLink({ onToken }: { onToken: (token: string) => void }) {
  const t = useTranslations('enter')
  const [text, setText] = useState('')
  const [wrong, setWrong] = useState(false)
  return (
    <form
      className="flex items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        const token = tokenOf(text)
        setWrong(token === null)
        if (token !== null) onToken(token)
      }}
    >
      <Field label={t('paste')} error={wrong ? t('pasteInvalid') : null} className="flex-1">
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" variant="primary" icon={KeyRound} className="mt-5 max-md:h-10">
        {t('pasteGo')}
      </Button>
    </form>
  )
}
