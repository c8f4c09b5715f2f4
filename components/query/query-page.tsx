'use client'
/** Asks Druid and Hive whatever one wants to know, without changing anything in them. */
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { ApiError } from '#components/live/api.ts'
import { useRefusal } from '#components/shell/session.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHead, Panel } from '#components/ui/panel.tsx'
import { type QueryEngine, queryRoles } from '#lib/pipeline/query.ts'
import { useQueryRun } from './asking.ts'
import type { Mark } from './editor.tsx'
import { firstQuery } from './examples.ts'
import { remember } from './history.ts'
import { type Limits, QueryBar } from './query-bar.tsx'
import { QueryOutcome } from './query-outcome.tsx'
import { ExampleList, HistoryList } from './ready-queries.tsx'
import { SqlEditor } from './sql-editor.tsx'

interface QueryPageProps {
  /** Asked for in the address: what stands in the editor. */
  engine: QueryEngine | null
  sql: string | null
}

const placeOf = (error: unknown, focus: boolean): Mark | null =>
  error instanceof ApiError && error.position !== null ? { ...error.position, focus } : null

export function QueryPage({ engine: wanted, sql }: QueryPageProps) {
  const t = useTranslations('query')
  const [engine, setEngine] = useState<QueryEngine>(wanted ?? 'druid')
  const [texts, setTexts] = useState<Readonly<Record<QueryEngine, string>>>({
    druid: firstQuery('druid'),
    hive: firstQuery('hive'),
    ...(sql !== null && { [wanted ?? 'druid']: sql }),
  })
  const [limits, setLimits] = useState<Limits>({ maxRows: 1_000, timeoutMs: 30_000 })
  const [mark, setMark] = useState<Mark | null>(null)
  const run = useQueryRun()
  const refusal = useRefusal(queryRoles[engine])
  const text = texts[engine]
  const setText = (value: string) => setTexts((before) => ({ ...before, [engine]: value }))
  const start = () => {
    if (refusal !== null || run.isPending) return
    setMark(null)
    if (text.trim() !== '') remember({ engine, sql: text })
    run.mutate({ engine, sql: text, ...limits }, { onError: (error) => setMark(placeOf(error, false)) })
  }
  const take = (query: { engine: QueryEngine; sql: string }) => {
    setMark(null)
    setEngine(query.engine)
    setTexts((before) => ({ ...before, [query.engine]: query.sql }))
  }
  return (
    <div className="grid gap-4 md:gap-5">
      <PageHead title={t('title')} intro={t('intro')} />
      {refusal !== null && (
        <Notice tone="warning" title={refusal}>
          {t(`why.${engine}`)}
        </Notice>
      )}
      <div className="grid items-start gap-4 md:gap-5 xl:grid-cols-[minmax(0,1fr)_19rem]">
        <div className="grid min-w-0 gap-4 md:gap-5">
          <Panel flush title={t('editor')}>
            <QueryBar {...{ engine, limits, run, refusal }} onEngine={setEngine} onLimits={setLimits} onRun={start} />
            <SqlEditor
              engine={engine}
              value={text}
              onChange={setText}
              onRun={start}
              mark={run.variables?.engine === engine ? mark : null}
            />
          </Panel>
          <QueryOutcome run={run} onPlace={() => setMark(placeOf(run.error, true))} />
        </div>
        <aside aria-label={t('ready')} className="grid min-w-0 gap-4 md:gap-5">
          <ExampleList onTake={take} />
          <HistoryList onTake={take} />
        </aside>
      </div>
    </div>
  )
}
