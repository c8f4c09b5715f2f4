'use client'
import { Gauge, Pause, Play, Ruler, SkipForward, Square } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { call } from '#components/live/api.ts'
import { ActionButton } from '#components/shell/action-button.tsx'
import { Button } from '#components/ui/button.tsx'
import { Field, NumberInput } from '#components/ui/field.tsx'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { ChangeBounds } from './change-bounds.tsx'
import { fromSchedule, type ScheduleFields, toSchedule } from './form.ts'
import { ScheduleInputs } from './schedule-fields.tsx'

type Panel = 'rate' | 'seek' | 'bounds'

/** Pause, resume, stop, another rate, place or length: all while the run goes on. */
export function RunLevers({ run }: { run: RunSnapshot }) {
  const t = useTranslations('run')
  const f = useFormat()
  const [open, setOpen] = useState<Panel | null>(null)
  const { state } = run.progress
  const path = `/api/runs/${encodeURIComponent(run.id)}`
  const draining = state === 'draining' ? t('isDraining') : null
  const toggle = (panel: Panel) => setOpen((before) => (before === panel ? null : panel))
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap gap-1.5">
        {state === 'paused' ? (
          <ActionButton
            variant="primary"
            icon={Play}
            run={() => call('POST', `${path}/resume`)}
            failed={t('resumeFailed')}
          >
            {t('resume')}
          </ActionButton>
        ) : (
          <ActionButton
            icon={Pause}
            blocked={draining ?? (state === 'starting' ? t('isStarting') : null)}
            run={() => call('POST', `${path}/pause`)}
            failed={t('pauseFailed')}
          >
            {t('pause')}
          </ActionButton>
        )}
        <ActionButton
          variant="danger"
          icon={Square}
          run={() => call('POST', `${path}/stop`)}
          failed={t('stopFailed')}
          confirm={{
            title: t('stopTitle'),
            consequences: [t('stopEffect1', { sent: f.count(run.progress.sent) }), t('stopEffect2')],
            verb: t('stop'),
          }}
        >
          {t('stop')}
        </ActionButton>
        <Button icon={Gauge} aria-expanded={open === 'rate'} blocked={draining} onClick={() => toggle('rate')}>
          {t('changeRate')}
        </Button>
        <Button icon={SkipForward} aria-expanded={open === 'seek'} blocked={draining} onClick={() => toggle('seek')}>
          {t('seek')}
        </Button>
        <Button icon={Ruler} aria-expanded={open === 'bounds'} blocked={draining} onClick={() => toggle('bounds')}>
          {t('changeBounds')}
        </Button>
      </div>
      {open === 'rate' && <ChangeRate run={run} path={path} onDone={() => setOpen(null)} />}
      {open === 'bounds' && <ChangeBounds run={run} path={path} onDone={() => setOpen(null)} />}
      {open === 'seek' && <Seek path={path} onDone={() => setOpen(null)} />}
    </div>
  )
}

function ChangeRate({ run, path, onDone }: { run: RunSnapshot; path: string; onDone: () => void }) {
  const t = useTranslations('run')
  const [fields, setFields] = useState<ScheduleFields>(() =>
    fromSchedule(run.progress.schedule ?? run.options.schedule),
  )
  const parsed = toSchedule(fields)
  return (
    <div className="grid gap-3 rounded-md bg-sunken p-3">
      <ScheduleInputs fields={fields} faults={parsed.ok ? {} : parsed.faults} onChange={setFields} />
      <div>
        <ActionButton
          variant="primary"
          blocked={parsed.ok ? null : t('hasFaults')}
          failed={t('rateFailed')}
          done={t('rateDone')}
          run={async () => {
            if (!parsed.ok) return
            await call('POST', `${path}/schedule`, parsed.value)
            onDone()
          }}
        >
          {t('apply')}
        </ActionButton>
      </div>
    </div>
  )
}

function Seek({ path, onDone }: { path: string; onDone: () => void }) {
  const t = useTranslations('run')
  const [text, setText] = useState('')
  const place = Number(text)
  const valid = text.trim() !== '' && Number.isInteger(place) && place >= 1
  return (
    <div className="flex flex-wrap items-start gap-3 rounded-md bg-sunken p-3">
      <Field label={t('seekTo')} hint={t('seekHint')} className="w-full max-w-72">
        {(control) => (
          <NumberInput {...control} min={1} step={1} value={text} onChange={(event) => setText(event.target.value)} />
        )}
      </Field>
      <ActionButton
        variant="primary"
        className="mt-5"
        blocked={valid ? null : t('seekInvalid')}
        failed={t('seekFailed')}
        run={async () => {
          // People count from one, the file from zero.
          await call('POST', `${path}/seek`, { index: place - 1 })
          onDone()
        }}
      >
        {t('seekGo')}
      </ActionButton>
    </div>
  )
}
