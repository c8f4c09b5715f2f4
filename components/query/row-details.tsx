'use client'
import { useTranslations } from 'use-intl'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import type { SqlTable } from '#lib/pipeline/sql.ts'
import { Value } from './value.tsx'

/** One row with its values whole, column beneath column. */
export function RowDetails({ table, row, onClose }: { table: SqlTable; row: number; onClose: () => void }) {
  const t = useTranslations('query')
  const values = table.rows[row] ?? []
  return (
    <Dialog open onOpenChange={onClose} title={t('openRow', { row: row + 1 })} shape="side">
      <dl>
        {table.columns.map((name, i) => {
          const value = values[i] ?? null
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name
            <div key={i} className="border-b px-4 py-2">
              <dt className="text-xs text-ink-faint">{name}</dt>
              <dd className="flex items-start gap-2">
                <span className="min-w-0 flex-1 font-mono text-xs whitespace-pre-wrap wrap-anywhere">
                  <Value value={value} />
                </span>
                {value !== null && <CopyButton text={String(value)} label={t('copy', { column: name })} />}
              </dd>
            </div>
          )
        })}
      </dl>
    </Dialog>
  )
}
