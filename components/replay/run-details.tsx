'use client'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { Facts } from '#components/ui/facts.tsx'
import { Table, Td, Th } from '#components/ui/table.tsx'
import type { RunProgress } from '#lib/pipeline/run.ts'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { CountAgain } from './current-run.tsx'
import { LedgerView } from './ledger.tsx'
import { RunPanel } from './run-panel.tsx'

/** Everything about one run: how it went, with which options, its ledger, and what was rejected where. */
export function RunDetails({ run }: { run: RunSnapshot }) {
  const t = useTranslations('runs')
  const ledger = useTranslations('ledger')
  const f = useFormat()
  const { options } = run
  const { limit, loop } = run.progress.bounds ?? options
  return (
    <>
      <div className="grid gap-4 border-b p-4">
        <RunPanel run={run} />
        <Facts
          items={[
            { name: t('file'), value: options.file },
            { name: t('limit'), value: limit === null ? t('whole') : f.count(limit) },
            { name: t('seed'), value: String(options.seed) },
            { name: t('loop'), value: loop ? t('yes') : t('no') },
          ]}
        />
      </div>
      <section className="border-b">
        <div className="flex items-center justify-between px-4 pt-3">
          <h3 className="font-semibold">{ledger('title')}</h3>
          <CountAgain run={run} />
        </div>
        <LedgerView ledger={run.ledger} />
      </section>
      <Rejects progress={run.progress} />
    </>
  )
}

/** Tweets that could not be sent, each with its place in the file. */
function Rejects({ progress: { rejected, rejects } }: { progress: RunProgress }) {
  const t = useTranslations('rejects')
  const f = useFormat()
  const place = ({ line, column, index }: RunProgress['rejects'][number]): string => {
    if (line !== null)
      return column === null
        ? t('line', { line: f.count(line) })
        : t('lineColumn', { line: f.count(line), column: f.count(column) })
    return index === null ? t('unknown') : t('tweet', { index: f.count(index + 1) })
  }
  return (
    <section className="pb-4">
      <h3 className="px-4 pt-3 font-semibold">{t('title')}</h3>
      {rejected === 0 ? (
        <p className="px-4 text-ink-soft">{t('none')}</p>
      ) : (
        <>
          {rejects.length < rejected && (
            <p className="px-4 text-ink-soft">
              {t('first', { shown: f.count(rejects.length), all: f.count(rejected) })}
            </p>
          )}
          <Table label={t('title')}>
            <thead>
              <tr>
                <Th>{t('place')}</Th>
                <Th>{t('reason')}</Th>
              </tr>
            </thead>
            <tbody>
              {rejects.map((reject) => (
                <tr key={`${reject.line} ${reject.column} ${reject.index}`}>
                  <Td className="whitespace-nowrap">{place(reject)}</Td>
                  <Td className="wrap-anywhere">{reject.reason}</Td>
                </tr>
              ))}
            </tbody>
          </Table>
        </>
      )}
    </section>
  )
}
