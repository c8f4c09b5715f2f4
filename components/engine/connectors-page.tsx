'use client'
/** Connectors: each with its state and that of its tasks, because a connector may run while every task has failed. */
import { Pause, Play, RotateCw } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { useSaid } from '#components/i18n/said.ts'
import { call } from '#components/live/api.ts'
import { useOverview } from '#components/live/provider.tsx'
import { ActionButton } from '#components/shell/action-button.tsx'
import { Empty, Loading } from '#components/ui/blank.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { PageHead, Panel } from '#components/ui/panel.tsx'
import { StateMark } from '#components/ui/state-mark.tsx'
import { RowHead, Table, Td, Th } from '#components/ui/table.tsx'
import { Age } from '#components/ui/time.tsx'
import { Verbatim } from '#components/ui/verbatim.tsx'
import type { ConnectorSnapshot } from '#lib/pipeline/snapshot.ts'
import type { State } from '#lib/pipeline/status.ts'

export function ConnectorsPage() {
  const t = useTranslations('connectors')
  const connectors = useOverview('connectors')
  return (
    <div className="grid gap-4 md:gap-5">
      <PageHead title={t('title')} intro={t('intro')} />
      {connectors === undefined ? (
        <Loading />
      ) : connectors === null ? (
        <Notice tone="warning" title={t('unknown')}>
          {t('unknownBody')}
        </Notice>
      ) : connectors.length === 0 ? (
        <Empty title={t('empty')}>{t('emptyBody')}</Empty>
      ) : (
        connectors.map((connector) => <ConnectorPanel key={connector.name} connector={connector} />)
      )}
    </div>
  )
}

/** Connect's words as shapes; a word we do not know is `unknown`. */
const taskShape: Readonly<Record<string, State>> = {
  RUNNING: 'up',
  FAILED: 'down',
  PAUSED: 'unknown',
  STOPPED: 'unknown',
  UNASSIGNED: 'degraded',
  RESTARTING: 'starting',
}

function ConnectorPanel({ connector }: { connector: ConnectorSnapshot }) {
  const t = useTranslations('connectors')
  const said = useSaid()
  const { name, state, status, tasks } = connector
  return (
    <Panel
      flush
      title={name}
      aside={
        <>
          <StateMark state={status.state} word={state} />
          <span className="text-xs text-ink-faint">
            {t.rich('checked', { age: () => <Age at={status.checkedAt} /> })}
          </span>
          {connector.type === 'sink' && <Behind count={connector.behind} />}
        </>
      }
      actions={<ConnectorActions connector={connector} />}
    >
      {status.reason !== null && (
        <Notice tone={status.state === 'down' ? 'error' : 'warning'} title={said(status.reason)} className="m-4" />
      )}
      {tasks.length === 0 ? (
        <Empty title={t('tasks')}>{t('noTasks')}</Empty>
      ) : (
        <Table label={`${name}: ${t('tasks')}`}>
          <thead>
            <tr>
              <Th>{t('task')}</Th>
              <Th>{t('state')}</Th>
              <Th className="w-full">{t('trace')}</Th>
            </tr>
          </thead>
          <tbody>
            {tasks.map((task) => (
              <tr key={task.id}>
                <RowHead>{task.id}</RowHead>
                <Td>
                  <StateMark state={taskShape[task.state] ?? 'unknown'} word={task.state} />
                </Td>
                <Td>
                  {task.trace === null ? (
                    <span className="text-ink-faint">{t('noTrace')}</span>
                  ) : (
                    <Trace text={task.trace} />
                  )}
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  )
}

/** A sink's lag, as records. */
function Behind({ count }: { count: number | null }) {
  const t = useTranslations('connectors')
  const format = useFormat()
  return (
    <span className="text-xs text-ink-soft tabular-nums">
      {count === null ? t('behindUnknown') : t('behind', { count, shown: format.count(count) })}
    </span>
  )
}

/** The first line says what happened; the rest is for who looks for where. */
function Trace({ text }: { text: string }) {
  const t = useTranslations('connectors')
  const [first = '', ...rest] = text.split('\n')
  return (
    <details className="min-w-64">
      <summary className="rounded-sm wrap-anywhere">
        {first} <span className="text-accent underline underline-offset-2">{t('showTrace')}</span>
      </summary>
      <Verbatim label={first} className="mt-2">
        {rest.join('\n')}
      </Verbatim>
    </details>
  )
}

function ConnectorActions({ connector: { name, state, type } }: { connector: ConnectorSnapshot }) {
  const t = useTranslations('connectors')
  const path = `/api/connectors/${encodeURIComponent(name)}`
  return (
    <>
      {state === 'PAUSED' || state === 'STOPPED' ? (
        <ActionButton
          size="sm"
          variant="primary"
          icon={Play}
          run={() => call('POST', `${path}/resume`)}
          done={t('resumeDone', { name })}
          failed={t('resumeFailed', { name })}
        >
          {t('resume')}
        </ActionButton>
      ) : (
        <ActionButton
          size="sm"
          icon={Pause}
          run={() => call('POST', `${path}/pause`)}
          done={t('pauseDone', { name })}
          failed={t('pauseFailed', { name })}
          confirm={{
            title: t('pauseTitle', { name }),
            consequences:
              type === 'sink' ? [t('pauseSink'), t('pauseSinkWait')] : [t('pauseSource'), t('pauseSourceWait')],
            verb: t('pause'),
            danger: false,
          }}
        >
          {t('pause')}
        </ActionButton>
      )}
      <ActionButton
        size="sm"
        icon={RotateCw}
        run={() => call('POST', `${path}/restart`)}
        done={t('restartDone', { name })}
        failed={t('restartFailed', { name })}
        confirm={{
          title: t('restartTitle', { name }),
          consequences: [t('restartTasks'), t('restartExact')],
          verb: t('restart'),
          danger: false,
        }}
      >
        {t('restart')}
      </ActionButton>
    </>
  )
}
