'use client'
/** Replay at hand: the run under way with its levers, or the form for a new one; and the ledger of the newest run. */
import { RefreshCw } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { call } from '#components/live/api.ts'
import { useOverview } from '#components/live/provider.tsx'
import { ActionButton } from '#components/shell/action-button.tsx'
import { Empty, Loading } from '#components/ui/blank.tsx'
import { Panel } from '#components/ui/panel.tsx'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { LedgerView } from './ledger.tsx'
import { RunForm } from './run-form.tsx'
import { RunPanel } from './run-panel.tsx'
import { hasEnded } from './run-state.ts'

export function ReplayPanel() {
  const t = useTranslations('replay')
  const run = useOverview('run')
  const ended = run === null || (run !== undefined && hasEnded(run.progress.state))
  return (
    <Panel title={run !== undefined && !ended ? t('current') : t('new')}>
      {run === undefined ? (
        <Loading />
      ) : (
        <div className="grid gap-5">
          {run !== null && !ended && <RunPanel run={run} />}
          {ended && <RunForm />}
        </div>
      )}
    </Panel>
  )
}

/** The newest run's ledger; of an ended run also how it went. */
export function LedgerPanel() {
  const t = useTranslations('ledger')
  const run = useOverview('run')
  return (
    <Panel title={t('title')} flush actions={run ? <CountAgain run={run} /> : undefined}>
      {run === undefined ? (
        <Loading />
      ) : run === null ? (
        <Empty title={t('noRun')}>{t('noRunBody')}</Empty>
      ) : (
        <>
          {hasEnded(run.progress.state) && (
            <div className="border-b p-4">
              <RunPanel run={run} />
            </div>
          )}
          <LedgerView ledger={run.ledger} />
        </>
      )}
    </Panel>
  )
}

/** Asks the engines anew; the figures come back with the run. */
export function CountAgain({ run }: { run: RunSnapshot }) {
  const t = useTranslations('ledger')
  return (
    <ActionButton
      size="sm"
      needs="viewer"
      icon={RefreshCw}
      failed={t('countFailed')}
      run={() => call('GET', `/api/runs/${encodeURIComponent(run.id)}/ledger`)}
    >
      {t('countNow')}
    </ActionButton>
  )
}
