'use client'
import { Play } from 'lucide-react'
import { useId, useState } from 'react'
import { useTranslations } from 'use-intl'
import { call } from '#components/live/api.ts'
import { useOverview } from '#components/live/provider.tsx'
import { ActionButton } from '#components/shell/action-button.tsx'
import { Checkbox, Choice, Field, NumberInput } from '#components/ui/field.tsx'
import { Mode } from '#lib/pipeline/run.ts'
import { FilePicker } from './file-picker.tsx'
import { canLoop, type Faults, initialRun, type RunFields, toRunOptions, usesSeed } from './form.ts'
import { LimitField } from './limit-field.tsx'
import { useFiles } from './queries.ts'
import { hasEnded } from './run-state.ts'
import { ScheduleInputs, useFaultText } from './schedule-fields.tsx'

/** Starts a run: which file, in which order, how fast, how much of it. */
export function RunForm() {
  const t = useTranslations('replay')
  const modeText = useTranslations('mode')
  const name = useId()
  const files = useFiles()
  const run = useOverview('run')
  const [fields, setFields] = useState<RunFields>(initialRun)
  const [tried, setTried] = useState(false)
  // Until another is chosen the first file is: the sample, where there is one.
  const chosen = { ...fields, file: fields.file || (files.data?.[0]?.path ?? '') }
  const parsed = toRunOptions(chosen)
  const faults: Faults = tried && !parsed.ok ? parsed.faults : {}
  const set = (change: Partial<RunFields>) => setFields((before) => ({ ...before, ...change }))
  const busy = run !== undefined && run !== null && !hasEnded(run.progress.state)
  const blocked = () => {
    if (busy) return t('busy')
    if (files.isPending) return t('filesPending')
    if (files.data?.length === 0) return t('noFiles')
    return parsed.ok || !tried ? null : t('hasFaults')
  }
  return (
    <form className="grid gap-4" onSubmit={(event) => event.preventDefault()} aria-label={t('new')}>
      <FilePicker files={files} value={chosen.file} faults={faults} onChange={(file) => set({ file })} />
      <Choice
        legend={modeText('label')}
        name={name}
        value={fields.mode}
        options={Mode.options.map((value) => ({ value, label: modeText(`name.${value}`) }))}
        onChange={(mode) => set({ mode })}
        hint={modeText(`hint.${fields.mode}`)}
      />
      <ScheduleInputs fields={fields.schedule} faults={faults} onChange={(schedule) => set({ schedule })} />
      <Extent fields={fields} faults={faults} onChange={set} />
      <div>
        <ActionButton
          type="submit"
          variant="primary"
          icon={Play}
          blocked={blocked()}
          failed={t('startFailed')}
          run={async () => {
            setTried(true)
            if (!parsed.ok) throw new Error(t('hasFaults'))
            await call('POST', '/api/runs', parsed.value)
          }}
        >
          {t('start')}
        </ActionButton>
      </div>
    </form>
  )
}

interface ExtentProps {
  fields: RunFields
  faults: Faults
  onChange: (change: Partial<RunFields>) => void
}

/** How much is sent, and what makes a random order repeatable. */
function Extent({ fields, faults, onChange }: ExtentProps) {
  const t = useTranslations('replay')
  const fault = useFaultText()
  return (
    <div className="grid grid-cols-2 gap-3">
      <LimitField
        hint={t('limitHint')}
        value={fields.limit}
        fault={faults.limit}
        onChange={(limit) => onChange({ limit })}
      />
      {usesSeed(fields) && (
        <Field label={t('seed')} hint={t('seedHint')} error={fault(faults.seed)}>
          {(control) => (
            <NumberInput
              {...control}
              min={0}
              step={1}
              value={fields.seed}
              onChange={(event) => onChange({ seed: event.target.value })}
            />
          )}
        </Field>
      )}
      {canLoop(fields) && (
        <div className="col-span-2">
          <Checkbox
            label={t('loop')}
            hint={t('loopHint')}
            checked={fields.loop}
            onChange={(event) => onChange({ loop: event.target.checked })}
          />
        </div>
      )}
    </div>
  )
}
