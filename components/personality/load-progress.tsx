'use client'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { useSaid } from '#components/i18n/said.ts'
import { Meter } from '#components/ui/meter.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { Age } from '#components/ui/time.tsx'
import type { StaticLoad, StaticTableLoad } from '#lib/pipeline/statics.ts'

/** A load under way, or why the last one failed; one that went well says nothing more than its tables. */
export function LoadProgress({ load }: { load: StaticLoad }) {
  const t = useTranslations('statics')
  const said = useSaid()
  if (load.state === 'done') return null
  if (load.state !== 'failed')
    return (
      <section aria-label={t('loading')} className="grid gap-3 border-b px-4 py-3">
        <p role="status" className="text-ink-soft">
          {t(load.state === 'publishing' ? 'publishing' : 'loadingFrom', { dir: load.dir })} ·{' '}
          <Age at={load.startedAt} />
        </p>
        <ul className="grid gap-2 sm:grid-cols-2">
          {load.tables.map((table) => (
            <TableProgress key={table.name} table={table} />
          ))}
        </ul>
      </section>
    )
  return (
    <Notice live tone="error" title={t('failed')} className="m-4">
      {load.error !== null && <p>{said(load.error)}</p>}
      <ul>
        {load.tables
          .filter((table) => table.error !== null)
          .map((table) => (
            <li key={table.name}>
              <span className="font-mono text-xs">{table.name}</span>: {said(table.error ?? '')}
            </li>
          ))}
      </ul>
      <p>{t('keptAsItWas')}</p>
    </Notice>
  )
}

function TableProgress({ table: { name, phase, doneBytes, totalBytes, counts } }: { table: StaticTableLoad }) {
  const t = useTranslations('statics')
  const f = useFormat()
  return (
    <li className="grid gap-1">
      <p className="flex gap-2">
        <span className="font-mono text-xs">{name}</span>
        <span className="text-ink-faint">{t(`phase.${phase}`)}</span>
        {counts !== null && <span className="ml-auto text-xs">{t('readSoFar', { shown: f.count(counts.read) })}</span>}
      </p>
      <Meter share={totalBytes === 0 ? null : doneBytes / totalBytes} label={name} />
    </li>
  )
}
