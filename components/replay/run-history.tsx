'use client'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { Empty, List } from '#components/ui/blank.tsx'
import { cn } from '#components/ui/cn.ts'
import { Dialog } from '#components/ui/dialog.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { StateMark } from '#components/ui/state-mark.tsx'
import { RowHead, Table, Td, Th } from '#components/ui/table.tsx'
import { Moment } from '#components/ui/time.tsx'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { useRuns } from './queries.ts'
import { RunDetails } from './run-details.tsx'
import { fileName, runShape } from './run-state.ts'
import { useScheduleText } from './schedule-text.ts'

/** Every run with what became of its messages; a row opens the whole ledger. */
export function RunHistory() {
  const t = useTranslations('runs')
  const runs = useRuns()
  const [openId, setOpenId] = useState<string | null>(null)
  const open = runs.data?.find((run) => run.id === openId)
  return (
    <Panel flush title={t('title')}>
      <List query={runs} failed={t('failed')} empty={<Empty title={t('empty')}>{t('emptyBody')}</Empty>}>
        {(rows) => <RunTable runs={rows} onOpen={setOpenId} />}
      </List>
      <Dialog
        shape="side"
        open={open !== undefined}
        onOpenChange={() => setOpenId(null)}
        title={t('run', { id: open?.id ?? '' })}
      >
        {open !== undefined && <RunDetails run={open} />}
      </Dialog>
    </Panel>
  )
}

function RunTable({ runs, onOpen }: { runs: readonly RunSnapshot[]; onOpen: (id: string) => void }) {
  const t = useTranslations('runs')
  return (
    <Table label={t('title')}>
      <thead>
        <tr>
          <Th>{t('started')}</Th>
          <Th>{t('file')}</Th>
          <Th>{t('how')}</Th>
          <Th>{t('state')}</Th>
          <Th numeric>{t('took')}</Th>
          <Th numeric>{t('sent')}</Th>
          <Th numeric>{t('druid')}</Th>
          <Th numeric>{t('lost')}</Th>
          <Th numeric>{t('duplicates')}</Th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <RunRow key={run.id} run={run} onOpen={() => onOpen(run.id)} />
        ))}
      </tbody>
    </Table>
  )
}

function RunRow({ run, onOpen }: { run: RunSnapshot; onOpen: () => void }) {
  const t = useTranslations('run')
  const mode = useTranslations('mode')
  const schedule = useScheduleText()
  const f = useFormat()
  const { progress, options, ledger } = run
  return (
    <tr className="hover:bg-sunken">
      <RowHead>
        <button
          type="button"
          onClick={onOpen}
          className="text-accent underline decoration-line-strong underline-offset-2 hover:decoration-accent"
        >
          <Moment at={run.createdAt} />
        </button>
      </RowHead>
      <Td className="max-w-48 truncate" title={options.file}>
        {fileName(options.file)}
      </Td>
      <Td className="max-w-64 truncate">
        {mode(`name.${options.mode}`)}, {schedule(progress.schedule ?? options.schedule)}
      </Td>
      <Td>
        <StateMark state={runShape[progress.state]} word={t(`state.${progress.state}`)} />
      </Td>
      <Td numeric>{progress.endedAt === null ? '–' : f.duration(progress.endedAt - progress.startedAt)}</Td>
      <Td numeric>{f.count(progress.sent)}</Td>
      <Figure value={ledger?.druidDistinct ?? null} />
      <Figure value={ledger?.lost ?? null} wantsZero />
      <Figure value={ledger?.duplicates ?? null} wantsZero />
    </tr>
  )
}

/** Zero is what one hopes for; more is set off; unknown is grey. */
function Figure({ value, wantsZero = false }: { value: number | null; wantsZero?: boolean }) {
  const f = useFormat()
  const bad = wantsZero && value !== null && value > 0
  return (
    <Td numeric className={cn(value === null && 'text-ink-faint', bad && 'font-semibold text-down')}>
      {bad && <span aria-hidden="true">! </span>}
      {f.count(value)}
    </Td>
  )
}
