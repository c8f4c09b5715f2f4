'use client'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { RowHead, Table, Td, Th } from '#components/ui/table.tsx'
import type { Ledger, Percentiles } from '#lib/pipeline/ledger.ts'

const percentiles = ['p50', 'p95', 'p99'] as const

/** How long a message needs, hop by hop. */
export function LatencyTable({ ledger }: { ledger: Ledger }) {
  const t = useTranslations('ledger')
  const f = useFormat()
  const rows: readonly { id: 'mqtt' | 'connect' | 'druid' | 'whole'; value: Percentiles }[] = [
    { id: 'mqtt', value: ledger.hops.mqtt },
    { id: 'connect', value: ledger.hops.connect },
    { id: 'druid', value: ledger.hops.druid },
    { id: 'whole', value: ledger.latencyMs },
  ]
  return (
    <Table label={t('latency')}>
      <thead>
        <tr>
          {/* As high as a row, so that the lines go on from the table beside it. */}
          <Th className="py-[7px]">{t('latency')}</Th>
          {percentiles.map((p) => (
            <Th key={p} numeric className="px-1.5 py-[7px]">
              {p}
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ id, value }) => (
          <tr key={id}>
            <RowHead className="py-1.5 pr-1 whitespace-nowrap" title={t(`hopHint.${id}`)}>
              {t(`hop.${id}`)}
            </RowHead>
            {percentiles.map((p) => (
              <Td key={p} numeric className={value[p] === null ? 'px-1.5 py-1.5 text-ink-faint' : 'px-1.5 py-1.5'}>
                {f.duration(value[p])}
              </Td>
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
