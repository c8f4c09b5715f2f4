'use client'
/** Replay: the run under way or the form for a new one, and all runs with their ledgers. */
import { useTranslations } from 'use-intl'
import { PageHead } from '#components/ui/panel.tsx'
import { LedgerPanel, ReplayPanel } from './current-run.tsx'
import { RunHistory } from './run-history.tsx'

export function ReplayPage() {
  const t = useTranslations('replay')
  return (
    <div className="grid gap-4 md:gap-5">
      <PageHead title={t('title')} intro={t('intro')} />
      <div className="grid items-start gap-4 md:gap-5 xl:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]">
        <ReplayPanel />
        <LedgerPanel />
      </div>
      <RunHistory />
    </div>
  )
}
