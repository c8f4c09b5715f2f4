'use client'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useMemo, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { cn } from '#components/ui/cn.ts'
import type { SqlTable, SqlValue } from '#lib/pipeline/sql.ts'
import { type ColumnLook, looksOf } from './columns.ts'
import { RowDetails } from './row-details.tsx'
import { Value } from './value.tsx'

const rowHeight = 28
/** Room for the number of a row, in characters. */
const numberWidth = 8

/** All rows, of which only those in sight are in the page. Long values are cut; the number of a row opens it whole. */
export function ResultTable({ table }: { table: SqlTable }) {
  const t = useTranslations('query')
  const host = useRef<HTMLElement>(null)
  const [open, setOpen] = useState<number | null>(null)
  const looks = useMemo(() => looksOf(table), [table])
  const rows = useVirtualizer({
    count: table.rows.length,
    getScrollElement: () => host.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  })
  const seen = rows.getVirtualItems()
  const width = looks.reduce((sum, look) => sum + look.width, numberWidth)
  const above = seen[0]?.start ?? 0
  const below = rows.getTotalSize() - (seen.at(-1)?.end ?? 0)
  return (
    <>
      <section
        ref={host}
        aria-label={t('result')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="max-h-[32rem] overflow-auto overscroll-x-contain"
      >
        <table
          aria-rowcount={table.rows.length + 1}
          style={{ width: `max(100%, ${width}ch)` }}
          className="table-fixed border-separate border-spacing-0 font-mono text-xs"
        >
          <Head looks={looks} />
          <tbody>
            <Gap height={above} columns={looks.length} />
            {seen.map(({ index }) => (
              <tr key={index} aria-rowindex={index + 2} className="hover:bg-sunken">
                <th scope="row" className="border-b p-0 text-right font-normal">
                  <button
                    type="button"
                    aria-label={t('openRow', { row: index + 1 })}
                    onClick={() => setOpen(index)}
                    className="h-[27px] w-full px-2.5 text-right text-ink-faint -outline-offset-2 hover:text-accent"
                  >
                    {index + 1}
                  </button>
                </th>
                {looks.map((look, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name
                  <Cell key={i} numeric={look.numeric} value={table.rows[index]?.[i] ?? null} />
                ))}
              </tr>
            ))}
            <Gap height={below} columns={looks.length} />
          </tbody>
        </table>
      </section>
      {open !== null && <RowDetails table={table} row={open} onClose={() => setOpen(null)} />}
    </>
  )
}

function Head({ looks }: { looks: readonly ColumnLook[] }) {
  const t = useTranslations('query')
  return (
    <thead>
      <tr aria-rowindex={1}>
        <HeadCell width={numberWidth} numeric>
          {t('row')}
        </HeadCell>
        {looks.map(({ name, numeric, width }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name
          <HeadCell key={i} width={i < looks.length - 1 ? width : null} numeric={numeric}>
            {name}
          </HeadCell>
        ))}
      </tr>
    </thead>
  )
}

interface HeadCellProps {
  /** In characters; null takes what is left. */
  width: number | null
  numeric: boolean
  children: ReactNode
}

const HeadCell = ({ width, numeric, children }: HeadCellProps) => (
  <th
    scope="col"
    style={width === null ? undefined : { width: `${width}ch` }}
    className={cn(
      'sticky top-0 z-10 h-8 truncate border-b bg-surface px-2.5 text-left font-medium text-ink-faint',
      numeric && 'text-right',
    )}
  >
    {children}
  </th>
)

/** Stands for the rows out of sight. */
const Gap = ({ height, columns }: { height: number; columns: number }) =>
  height > 0 && (
    <tr>
      <td colSpan={columns + 1} style={{ height }} />
    </tr>
  )

const Cell = ({ value, numeric }: { value: SqlValue; numeric: boolean }) => (
  <td
    title={value === null ? undefined : String(value)}
    className={cn('h-[28px] truncate border-b px-2.5', numeric && 'text-right')}
  >
    <Value value={value} />
  </td>
)
