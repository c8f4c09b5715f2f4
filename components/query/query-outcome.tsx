'use client'
import { Crosshair, Download as DownloadIcon, X } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { useSaid } from '#components/i18n/said.ts'
import { ApiError } from '#components/live/api.ts'
import { Empty, Loading } from '#components/ui/blank.tsx'
import { Button } from '#components/ui/button.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { toast } from '#components/ui/toast.tsx'
import { type QueryFormat, type QueryResult, queryLimits } from '#lib/pipeline/query.ts'
import { type Ask, type QueryRun, useFile } from './asking.ts'
import { ResultTable } from './result-table.tsx'

interface QueryOutcomeProps {
  run: QueryRun
  /** Leads to the place that the error names. */
  onPlace: () => void
}

/** What came of the query: rows, no rows, an error with its place, or that it was cancelled. */
export function QueryOutcome({ run, onPlace }: QueryOutcomeProps) {
  const t = useTranslations('query')
  const { data, variables } = run
  if (data !== undefined && variables !== undefined) return <Result result={data} ask={variables} />
  return (
    <Panel flush title={t('result')}>
      {run.isPending ? (
        <Loading />
      ) : run.error !== null ? (
        <QueryError error={run.error} onPlace={onPlace} />
      ) : (
        <Empty title={t(run.cancelled ? 'cancelled' : 'nothingYet')}>
          {t(run.cancelled ? 'cancelledBody' : 'nothingYetBody')}
        </Empty>
      )}
    </Panel>
  )
}

function QueryError({ error, onPlace }: { error: Error; onPlace: () => void }) {
  const t = useTranslations('query')
  const common = useTranslations('common')
  const said = useSaid()
  const known = error instanceof ApiError ? error : null
  return (
    <Notice live tone="error" title={t('failed')} className="m-4">
      <p>{known?.status === 0 ? common('unreachable') : said(error.message)}</p>
      {known?.hint != null && <p>{said(known.hint)}</p>}
      {known?.position != null && (
        <Button size="sm" icon={Crosshair} className="mt-1.5" onClick={onPlace}>
          {t('goTo', { ...known.position })}
        </Button>
      )}
    </Notice>
  )
}

function Result({ result, ask }: { result: QueryResult; ask: Ask }) {
  const t = useTranslations('query')
  const f = useFormat()
  const { rows, truncated, tookMs } = result
  return (
    <Panel
      flush
      title={t('result')}
      aside={
        <span role="status" className="text-xs text-ink-soft">
          {t(truncated ? 'rowsCut' : 'rowsAll', { count: rows.length, shown: f.count(rows.length) })}
          {' · '}
          {t('took', { time: f.duration(tookMs) })}
        </span>
      }
      actions={<Files ask={ask} />}
    >
      {rows.length === 0 ? (
        <Empty title={t('noRows')}>{t('noRowsBody')}</Empty>
      ) : (
        <ResultTable key={`${tookMs} ${ask.sql}`} table={result} />
      )}
    </Panel>
  )
}

const formats = ['csv', 'ndjson'] as const satisfies readonly QueryFormat[]

/** The same query again, as a file with more rows than a page shows. */
function Files({ ask }: { ask: Ask }) {
  const t = useTranslations('query')
  const said = useSaid()
  const f = useFormat()
  const file = useFile(({ name, truncated }) =>
    toast('good', t('saved', { name }), truncated ? t('savedCut', { rows: f.count(queryLimits.fileRows) }) : null),
  )
  const save = (format: QueryFormat) => {
    const { engine, sql } = ask
    const onError = (error: Error) => {
      const left = error instanceof DOMException && error.name === 'AbortError'
      if (!left) toast('error', t('saveFailed'), said(error.message))
    }
    file.mutate({ engine, sql, timeoutMs: queryLimits.timeoutMs, format }, { onError })
  }
  return (
    <>
      {formats.map((format) => (
        <Button
          key={format}
          size="sm"
          icon={DownloadIcon}
          pending={file.isPending && file.variables.format === format}
          title={t(`fileHint.${format}`, { rows: f.count(queryLimits.fileRows) })}
          onClick={() => save(format)}
        >
          {t(`file.${format}`)}
        </Button>
      ))}
      {file.isPending && (
        <Button size="sm" variant="plain" icon={X} onClick={file.cancel}>
          {t('cancel')}
        </Button>
      )}
    </>
  )
}
