'use client'
/** The ledger of a run: its messages counted at every stage, and what that proves. */
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { Empty } from '#components/ui/blank.tsx'
import { cn } from '#components/ui/cn.ts'
import { Notice } from '#components/ui/notice.tsx'
import { RowHead, Table, Td, Th } from '#components/ui/table.tsx'
import { Age } from '#components/ui/time.tsx'
import type { Ledger } from '#lib/pipeline/ledger.ts'
import { LatencyTable } from './latency-table.tsx'
import { againstSent, olderCountAt, verdictOf } from './verdict.ts'

const entries = [
  'read',
  'rejected',
  'sent',
  'acked',
  'kafka',
  'kafkaDistinct',
  'deadLetters',
  'druid',
  'druidDistinct',
] as const
type Entry = (typeof entries)[number]

/** Compared with `sent`; the others are counts of their own kind. */
const compared: readonly Entry[] = ['acked', 'kafka', 'kafkaDistinct', 'druid', 'druidDistinct']

const results = ['lost', 'duplicates', 'late'] as const

export function LedgerView({ ledger }: { ledger: Ledger | null }) {
  const t = useTranslations('ledger')
  if (ledger === null) return <Empty title={t('uncounted')}>{t('uncountedBody')}</Empty>
  return (
    <div className="grid gap-3">
      <div className="px-4 pt-4">
        <VerdictNotice ledger={ledger} />
      </div>
      <div className="grid sm:grid-cols-[9fr_10fr]">
        <CountTable ledger={ledger} />
        <div className="min-w-0">
          <ResultTable ledger={ledger} />
          <LatencyTable ledger={ledger} />
        </div>
      </div>
      <p className="px-4 pb-3 text-xs text-ink-faint">
        {t.rich('counted', { age: () => <Age at={ledger.countedAt} /> })}
      </p>
    </div>
  )
}

function VerdictNotice({ ledger }: { ledger: Ledger }) {
  const t = useTranslations('ledger.verdict')
  const f = useFormat()
  const verdict = verdictOf(ledger)
  const tone = { exact: 'good', faulty: 'error', open: 'info', unknown: 'warning', uncounted: 'info' } as const
  return (
    <Notice tone={tone[verdict]} title={t(`${verdict}Title`)}>
      {t(`${verdict}Body`, {
        sent: f.count(ledger.sent),
        druid: f.count(verdict === 'open' ? ledger.druid : ledger.druidDistinct),
        lost: f.count(ledger.lost),
        duplicates: f.count(ledger.duplicates),
      })}
    </Notice>
  )
}

function CountTable({ ledger }: { ledger: Ledger }) {
  const t = useTranslations('ledger')
  const f = useFormat()
  return (
    <Table label={t('counts')}>
      <thead>
        <tr>
          <Th>{t('stage')}</Th>
          <Th numeric>{t('messages')}</Th>
          <Th numeric title={t('againstSentTitle')}>
            {t('againstSent')}
          </Th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry}>
            <RowHead className="py-1.5 pr-1 whitespace-nowrap" title={t(`hint.${entry}`)}>
              {t(`entry.${entry}`)}
            </RowHead>
            <Td numeric className={cn('py-1.5', ledger[entry] === null && 'text-ink-faint')}>
              {f.count(ledger[entry])}
            </Td>
            <Difference ledger={ledger} entry={entry} />
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

/** What a stage has more or less than was sent; the age of a count too old to be compared. */
function Difference({ ledger, entry }: { ledger: Ledger; entry: Entry }) {
  const t = useTranslations('ledger')
  const f = useFormat()
  const olderAt = entry === 'druidDistinct' ? olderCountAt(ledger) : null
  const difference = compared.includes(entry) ? againstSent(ledger[entry], ledger.sent) : undefined
  const faulty = verdictOf(ledger) === 'faulty'
  const tone = difference === 0 ? 'text-up' : faulty ? 'font-semibold text-down' : 'text-ink-faint'
  return (
    <Td numeric className={cn('py-1.5', olderAt === null ? tone : 'text-ink-faint')}>
      {olderAt !== null ? (
        <Age at={olderAt} />
      ) : difference === undefined ? (
        ''
      ) : difference === 0 ? (
        t('equal')
      ) : (
        f.difference(difference)
      )}
    </Td>
  )
}

function ResultTable({ ledger }: { ledger: Ledger }) {
  const t = useTranslations('ledger')
  const f = useFormat()
  return (
    <Table label={t('results')}>
      <thead>
        <tr>
          <Th>{t('result')}</Th>
          <Th numeric>{t('messages')}</Th>
        </tr>
      </thead>
      <tbody>
        {results.map((entry) => {
          const value = ledger[entry]
          const bad = value !== null && value > 0
          return (
            <tr
              key={entry}
              className={cn(bad && entry !== 'late' && 'bg-down-wash', bad && entry === 'late' && 'bg-degraded-wash')}
            >
              <RowHead className="py-1.5 pr-1 whitespace-nowrap" title={t(`hint.${entry}`)}>
                {t(`entry.${entry}`)}
              </RowHead>
              <Td
                numeric
                className={cn(
                  'py-1.5 font-semibold',
                  value === null
                    ? 'font-normal text-ink-faint'
                    : bad
                      ? entry === 'late'
                        ? 'text-degraded'
                        : 'text-down'
                      : 'text-up',
                )}
              >
                {f.count(value)}
              </Td>
            </tr>
          )
        })}
      </tbody>
    </Table>
  )
}
