'use client'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { call } from '#components/live/api.ts'
import { ActionButton } from '#components/shell/action-button.tsx'
import { Checkbox } from '#components/ui/field.tsx'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { type BoundsFields, canLoop, fromBounds, toBounds } from './form.ts'
import { LimitField } from './limit-field.tsx'

/** How far a run goes: another limit, and whether it begins again at the end of the file. */
export function ChangeBounds({ run, path, onDone }: { run: RunSnapshot; path: string; onDone: () => void }) {
  const t = useTranslations('run')
  const start = useTranslations('replay')
  const f = useFormat()
  const [fields, setFields] = useState<BoundsFields>(() => fromBounds(run.progress.bounds ?? run.options))
  const parsed = toBounds(fields)
  const set = (change: Partial<BoundsFields>) => setFields((before) => ({ ...before, ...change }))
  return (
    <div className="grid gap-3 rounded-md bg-sunken p-3">
      <LimitField
        hint={t('limitHint', { sent: f.count(run.progress.sent) })}
        value={fields.limit}
        fault={parsed.ok ? undefined : parsed.faults.limit}
        onChange={(limit) => set({ limit })}
        className="max-w-72"
      />
      {canLoop(run.options) && (
        <Checkbox
          label={start('loop')}
          hint={t('loopHint')}
          checked={fields.loop}
          onChange={(event) => set({ loop: event.target.checked })}
        />
      )}
      <div>
        <ActionButton
          variant="primary"
          blocked={parsed.ok ? null : t('hasFaults')}
          failed={t('boundsFailed')}
          done={t('boundsDone')}
          run={async () => {
            if (!parsed.ok) return
            await call('POST', `${path}/bounds`, parsed.value)
            onDone()
          }}
        >
          {t('apply')}
        </ActionButton>
      </div>
    </div>
  )
}
