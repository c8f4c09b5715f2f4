'use client'
import { useQuery } from '@tanstack/react-query'
import { Upload } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { call } from '#components/live/api.ts'
import { useOverview } from '#components/live/provider.tsx'
import { ActionButton } from '#components/shell/action-button.tsx'
import { useRefusal } from '#components/shell/session.tsx'
import { Failed, Loading } from '#components/ui/blank.tsx'
import { Button } from '#components/ui/button.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import { Checkbox, Field, Select } from '#components/ui/field.tsx'
import type { StaticFolder } from '#lib/pipeline/statics.ts'

export function LoadButton() {
  const t = useTranslations('statics')
  const [open, setOpen] = useState(false)
  const refusal = useRefusal('operator')
  const load = useOverview('statics')?.load ?? null
  const busy = load?.state === 'loading' || load?.state === 'publishing'
  return (
    <>
      <Button size="sm" icon={Upload} pending={busy} blocked={refusal} onClick={() => setOpen(true)}>
        {t('load')}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t('loadTitle')} description={t('loadIntro')}>
        <LoadForm onStarted={() => setOpen(false)} />
      </Dialog>
    </>
  )
}

function LoadForm({ onStarted }: { onStarted: () => void }) {
  const t = useTranslations('statics')
  const { data, error, refetch } = useQuery({
    queryKey: ['static', 'folders'],
    queryFn: () => call<{ folders: StaticFolder[] }>('GET', '/api/static'),
  })
  const [dir, setDir] = useState<string | null>(null)
  const [tweets, setTweets] = useState(false)
  if (error !== null) return <Failed what={t('foldersFailed')} error={error} retry={() => refetch()} />
  if (data === undefined) return <Loading lines={2} />
  const chosen = dir ?? data.folders[0]?.dir ?? ''
  return (
    <div className="grid gap-4 p-4">
      <Field label={t('folder')} hint={t('folderHint')}>
        {(control) => (
          <Select {...control} value={chosen} onChange={(event) => setDir(event.target.value)}>
            {data.folders.map((folder) => (
              <option key={folder.dir} value={folder.dir}>
                {folder.sample ? t('sample') : folder.dir}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Checkbox
        label={t('withTweets')}
        hint={t('withTweetsHint')}
        checked={tweets}
        onChange={(event) => setTweets(event.target.checked)}
      />
      <div className="flex justify-end">
        <ActionButton
          variant="primary"
          icon={Upload}
          run={async () => {
            await call('POST', '/api/static', { dir: chosen, tweets })
            onStarted()
          }}
          failed={t('startFailed')}
        >
          {t('load')}
        </ActionButton>
      </div>
    </div>
  )
}
