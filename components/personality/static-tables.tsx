'use client'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { useOverview } from '#components/live/provider.tsx'
import { Empty, Loading } from '#components/ui/blank.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { RowHead, Table, Td, Th } from '#components/ui/table.tsx'
import { Age } from '#components/ui/time.tsx'
import type { StaticTableSnapshot } from '#lib/pipeline/statics.ts'
import { LoadButton } from './load-button.tsx'
import { LoadProgress } from './load-progress.tsx'
import { Rejects } from './rejects.tsx'

/** The static tables in Hive: how many rows, from which file, what was left out of it and why. */
export function StaticTables() {
  const t = useTranslations('statics')
  const statics = useOverview('statics')
  return (
    <Panel flush title={t('title')} actions={<LoadButton />}>
      {statics?.load != null && <LoadProgress load={statics.load} />}
      {statics?.lookups === 'outdated' && (
        <Notice tone="warning" title={t('outdated')} className="m-4">
          {t('outdatedBody')}
        </Notice>
      )}
      {statics === undefined ? (
        <Loading />
      ) : statics.tables === null ? (
        <Notice tone="warning" title={t('unknown')} className="m-4">
          {t('unknownBody')}
        </Notice>
      ) : statics.tables.length === 0 ? (
        <Empty title={t('empty')}>{t('emptyBody')}</Empty>
      ) : (
        <Tables tables={statics.tables} />
      )}
    </Panel>
  )
}

function Tables({ tables }: { tables: readonly StaticTableSnapshot[] }) {
  const t = useTranslations('statics')
  const f = useFormat()
  const figures = ['rows', 'read', 'duplicates', 'rejected', 'unknownUsers'] as const
  return (
    <>
      <Table label={t('title')}>
        <thead>
          <tr>
            <Th>{t('table')}</Th>
            {figures.map((figure) => (
              <Th key={figure} numeric title={t(`about.${figure}`)}>
                {t(figure)}
              </Th>
            ))}
            <Th>{t('file')}</Th>
            <Th>{t('loaded')}</Th>
          </tr>
        </thead>
        <tbody>
          {tables.map((table) => (
            <tr key={table.name}>
              <RowHead className="font-mono text-xs">{table.name}</RowHead>
              {figures.map((figure) => (
                <Td
                  key={figure}
                  numeric
                  className={figure === 'rejected' && table.rejected > 0 ? 'font-semibold text-degraded' : ''}
                >
                  {/* Only edges and labels name users of another file. */}
                  {figure === 'unknownUsers' && table.unknownUsers === null ? '–' : f.count(table[figure])}
                </Td>
              ))}
              <Td className="wrap-anywhere">
                {table.file}
                {table.synthetic && <span className="ml-1.5 rounded-sm bg-sunken px-1 text-2xs">{t('synthetic')}</span>}
                <span className="block text-2xs text-ink-faint" title={`SHA-256 ${table.sha256}`}>
                  {f.bytes(table.bytes)}
                </span>
              </Td>
              <Td className="whitespace-nowrap">
                <Age at={table.loadedAt} />
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
      {tables
        .filter((table) => table.rejected > 0)
        .map((table) => (
          <Rejects key={table.name} name={table.name} counts={table} />
        ))}
    </>
  )
}
