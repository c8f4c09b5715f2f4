'use client'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { RowHead, Table, Td, Th } from '#components/ui/table.tsx'
import { Moment } from '#components/ui/time.tsx'
import type { Answer } from '#lib/pipeline/personality.ts'
import type { SqlValue } from '#lib/pipeline/sql.ts'
import { columnNames, isColumn } from './words.ts'

/** Columns that name things; the others are figures. */
const names: readonly string[] = ['id', 'screen_name', 'mbti', 'minute', 'follower', 'followed']

export function AnswerTable({ answer: { question, table } }: { answer: Answer }) {
  const t = useTranslations('personality')
  const column = useTranslations('personality.column')
  return (
    <Table label={t(`question.${question}`)}>
      <thead>
        <tr>
          {table.columns.map((name) => (
            <Th key={name} numeric={!names.includes(name)}>
              {isColumn(name) ? column(columnNames[name]) : name}
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {table.rows.map((row) => (
          <tr key={row.slice(0, 2).join(' ')}>
            {row.map((value, i) => {
              const name = table.columns[i] ?? ''
              const Cell = i === 0 ? RowHead : Td
              return (
                <Cell key={name} {...(!names.includes(name) && { className: 'text-right tabular-nums' })}>
                  <Value column={name} value={value} />
                </Cell>
              )
            })}
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

function Value({ column, value }: { column: string; value: SqlValue }) {
  const t = useTranslations('personality')
  const f = useFormat()
  if (value === null) return <span className="text-ink-faint">{t('noType')}</span>
  if (column === 'id') return <span className="font-mono text-xs">{String(value)}</span>
  if (column === 'minute') return <Moment at={Date.parse(String(value))} />
  if (['mbti', 'follower', 'followed'].includes(column)) return String(value).toUpperCase()
  return column === 'screen_name' ? String(value) : f.count(Number(value))
}
