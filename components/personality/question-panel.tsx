'use client'
import { Eye, EyeOff } from 'lucide-react'
import Link from 'next/link'
import { useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import { Chart } from '#components/charts/chart.tsx'
import { engineNames } from '#components/engine/names.ts'
import { useFormat } from '#components/format/use-format.tsx'
import { useOverview } from '#components/live/provider.tsx'
import { useRefusal } from '#components/shell/session.tsx'
import { Empty, Failed, Loading } from '#components/ui/blank.tsx'
import { Button } from '#components/ui/button.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Age } from '#components/ui/time.tsx'
import type { Answer, QuestionId } from '#lib/pipeline/personality.ts'
import { AnswerTable } from './answer-table.tsx'
import type { Draw } from './charts.ts'
import { useAnswer } from './queries.ts'
import { useWords } from './words.ts'

interface QuestionPanelProps {
  id: QuestionId
  live?: boolean
  /** The chart; without one the table says it all. */
  draw?: Draw
  tall?: boolean
}

/** One question: its answer as chart and table, what was asked, of whom, how long ago. */
export function QuestionPanel({ id, live = false, draw, tall = false }: QuestionPanelProps) {
  const t = useTranslations('personality')
  const [unmask, setUnmask] = useState(false)
  // The questions that are not live are on the static tables: before these are loaded there is nothing to ask.
  const tables = useOverview('statics')?.tables
  const loaded = tables != null && tables.length > 0
  const { data, error, refetch } = useAnswer(id, { live, unmask, enabled: live || loaded })
  return (
    <Panel
      flush
      title={t(`question.${id}`)}
      actions={id === 'top-users' && <Unmask shown={unmask} onChange={setUnmask} />}
    >
      {error !== null && <Failed what={t('failed')} error={error} retry={() => refetch()} />}
      {!live && tables?.length === 0 ? (
        <Empty title={t('noRows')}>{t('noRowsHive')}</Empty>
      ) : data === undefined ? (
        error === null &&
        (!live && tables === null ? <Empty title={t('noHive')}>{t('noHiveBody')}</Empty> : <Loading />)
      ) : data.table.rows.length === 0 ? (
        <Empty title={t('noRows')}>{t(data.engine === 'hive' ? 'noRowsHive' : 'noRowsDruid')}</Empty>
      ) : (
        <AnswerBody answer={data} draw={draw} tall={tall} />
      )}
      {data !== undefined && <Provenance answer={data} />}
    </Panel>
  )
}

function AnswerBody({ answer, draw, tall }: { answer: Answer; draw: Draw | undefined; tall: boolean }) {
  const t = useTranslations('personality')
  const words = useWords()
  const { question, table } = answer
  const option = useMemo(() => draw?.(table, words), [draw, table, words])
  if (option === undefined) return <AnswerTable answer={answer} />
  return (
    <>
      <div className="p-3 md:p-4">
        <Chart option={option} label={t(`question.${question}`)} {...(tall && { className: 'h-96' })} />
      </div>
      <details className="border-t">
        <summary className="cursor-pointer px-4 py-2 text-ink-soft">{t('asTable')}</summary>
        <div className="max-h-80 overflow-y-auto border-t">
          <AnswerTable answer={answer} />
        </div>
      </details>
    </>
  )
}

function Provenance({ answer: { engine, sql, at, tookMs } }: { answer: Answer }) {
  const t = useTranslations('personality')
  const f = useFormat()
  return (
    <details className="border-t">
      <summary className="cursor-pointer px-4 py-2 text-xs text-ink-faint">
        {t('askedOf', { engine: engineNames[engine], took: f.duration(tookMs) })} <Age at={at} />
      </summary>
      <pre className="border-t bg-sunken px-4 py-3 font-mono text-xs whitespace-pre-wrap wrap-anywhere">{sql}</pre>
      <p className="px-4 py-2 text-xs">
        <Link className="text-accent underline" href={`/query?engine=${engine}&sql=${encodeURIComponent(sql)}`}>
          {t('openQuery')}
        </Link>
      </p>
    </details>
  )
}

function Unmask({ shown, onChange }: { shown: boolean; onChange: (shown: boolean) => void }) {
  const t = useTranslations('personality')
  const refusal = useRefusal('admin')
  return (
    <Button
      size="sm"
      icon={shown ? EyeOff : Eye}
      blocked={refusal}
      aria-pressed={shown}
      title={t('unmaskTitle')}
      onClick={() => onChange(!shown)}
    >
      {t(shown ? 'mask' : 'unmask')}
    </Button>
  )
}
