'use client'
/** The whole line on one page, with start, stop and replay at hand. */
import { useTranslations } from 'use-intl'
import { isResting } from '#components/engine/phase.ts'
import { StackPanel } from '#components/engine/stack-panel.tsx'
import { useOverview } from '#components/live/provider.tsx'
import { MessagePanes } from '#components/messages/messages-page.tsx'
import { LedgerPanel, ReplayPanel } from '#components/replay/current-run.tsx'
import { BesideLine } from './beside-line.tsx'
import { LineMap } from './line-map.tsx'

export function OverviewPage() {
  const t = useTranslations('overview')
  const stack = useOverview('stack')
  // While nothing or not all of it runs the stack comes first; once it is ready, the line does.
  const stackFirst = stack !== undefined && stack.phase !== 'ready'
  return (
    <div className="grid gap-4 md:gap-5">
      <h1 className="sr-only">{t('title')}</h1>
      {stackFirst && <StackPanel />}
      <LineMap />
      <BesideLine />
      <div className="grid items-start gap-4 md:gap-5 xl:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]">
        {/* On a narrow screen the ledger follows the replay, and the stack comes last. */}
        <div className="grid gap-4 max-xl:contents md:gap-5">
          <ReplayPanel />
          {!stackFirst && (
            <div className="max-xl:order-last">
              <StackPanel />
            </div>
          )}
        </div>
        <LedgerPanel />
      </div>
      {stack !== undefined && !isResting(stack.phase) && <MessagePanes />}
    </div>
  )
}
