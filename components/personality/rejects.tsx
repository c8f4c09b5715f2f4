'use client'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { useSaid } from '#components/i18n/said.ts'
import { RowHead, Table, Td, Th } from '#components/ui/table.tsx'
import type { StaticCounts, StaticTable } from '#lib/pipeline/statics.ts'

/** What of a file was left out: by reason, and the first ones with their place. */
export function Rejects({ name, counts }: { name: StaticTable; counts: StaticCounts }) {
  const t = useTranslations('statics')
  const f = useFormat()
  const said = useSaid()
  const { rejected, reasons, rejects } = counts
  return (
    <details className="border-t">
      <summary className="cursor-pointer px-4 py-2 text-ink-soft">
        {t('rejectsOf', { table: name, count: rejected, shown: f.count(rejected) })}
      </summary>
      <ul className="list-disc border-t px-8 py-2 text-xs">
        {Object.entries(reasons).map(([reason, count]) => (
          <li key={reason}>
            {said(reason)}: {f.count(count)}
          </li>
        ))}
      </ul>
      <div className="max-h-72 overflow-y-auto border-t">
        <Table label={t('rejectsOf', { table: name, count: rejected, shown: f.count(rejected) })}>
          <thead>
            <tr>
              <Th>{t('place')}</Th>
              <Th>{t('reason')}</Th>
              <Th>{t('found')}</Th>
            </tr>
          </thead>
          <tbody>
            {rejects.map(({ line, column, element, reason, found }) => (
              <tr key={`${element} ${line} ${column} ${reason}`}>
                <RowHead className="whitespace-nowrap">
                  {column === null ? t('line', { line }) : t('lineColumn', { line, column })}
                </RowHead>
                <Td>{said(reason)}</Td>
                <Td className="font-mono text-xs wrap-anywhere">{found ?? ''}</Td>
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
    </details>
  )
}
