'use client'
import { Pause, Play } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useFormat } from '#components/format/use-format.tsx'
import { useSaid } from '#components/i18n/said.ts'
import { call } from '#components/live/api.ts'
import { ActionButton } from '#components/shell/action-button.tsx'
import { Empty } from '#components/ui/blank.tsx'
import { cn } from '#components/ui/cn.ts'
import { Facts } from '#components/ui/facts.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { StateMark } from '#components/ui/state-mark.tsx'
import { RowHead, Table, Td, Th } from '#components/ui/table.tsx'
import { Age, Moment } from '#components/ui/time.tsx'
import type { SupervisorSnapshot } from '#lib/pipeline/snapshot.ts'

export function SupervisorPanel({ supervisor }: { supervisor: SupervisorSnapshot }) {
  const t = useTranslations('druid')
  const said = useSaid()
  const f = useFormat()
  const { id, status, state, detailedState, activeTasks, aggregateLag, offsetsAt } = supervisor
  return (
    <Panel
      flush
      title={id}
      aside={<StateMark state={status.state} word={state} />}
      actions={<SupervisorActions supervisor={supervisor} />}
    >
      <div className="grid gap-4 p-4">
        {status.reason !== null && (
          <Notice tone={status.state === 'down' ? 'error' : 'warning'} title={said(status.reason)} />
        )}
        <Facts
          items={[
            { name: t('detailed'), value: detailedState },
            { name: t('tasks'), value: f.count(activeTasks) },
            { name: t('aggregateLag'), value: f.count(aggregateLag) },
            { name: t('offsetsAt'), value: <Age at={offsetsAt} /> },
          ]}
        />
      </div>
      <div className="grid border-t xl:grid-cols-[3fr_2fr]">
        <Partitions supervisor={supervisor} />
        <RecentErrors supervisor={supervisor} />
      </div>
    </Panel>
  )
}

function Partitions({ supervisor: { id, partitions } }: { supervisor: SupervisorSnapshot }) {
  const t = useTranslations('druid')
  const f = useFormat()
  if (partitions.length === 0) return <Empty title={t('noPartitions')}>{t('noPartitionsBody')}</Empty>
  return (
    <section>
      <Table label={`${id}: ${t('partitions')}`}>
        <thead>
          <tr>
            <Th>{t('partition')}</Th>
            <Th numeric>{t('offset')}</Th>
            <Th numeric>{t('latest')}</Th>
            <Th numeric>{t('lag')}</Th>
          </tr>
        </thead>
        <tbody>
          {partitions.map(({ partition, offset, latest, lag }) => (
            <tr key={partition}>
              <RowHead>{partition}</RowHead>
              {/* Offsets are names of places, 64 bit and exact: digits as they are. */}
              <Td numeric>{offset ?? f.unknown}</Td>
              <Td numeric>{latest ?? f.unknown}</Td>
              <Td numeric className={cn('font-semibold', lag === null && 'font-normal text-ink-faint')}>
                {f.count(lag)}
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
      <p className="px-4 py-2 text-xs text-ink-faint">{t('lagNote')}</p>
    </section>
  )
}

function RecentErrors({ supervisor: { recentErrors } }: { supervisor: SupervisorSnapshot }) {
  const t = useTranslations('druid')
  return (
    <section className="max-xl:border-t xl:border-l">
      <h3 className="border-b px-4 py-2 text-xs font-medium text-ink-faint">{t('errors')}</h3>
      {recentErrors.length === 0 ? (
        <p className="px-4 py-3 text-ink-soft">{t('noErrors')}</p>
      ) : (
        <ul>
          {recentErrors.map(({ at, message }) => (
            <li key={`${at} ${message}`} className="border-b px-4 py-2">
              <p className="text-xs text-ink-faint">
                <Moment at={at} />
              </p>
              <p className="font-mono text-xs wrap-anywhere">{message}</p>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function SupervisorActions({ supervisor: { id, state } }: { supervisor: SupervisorSnapshot }) {
  const t = useTranslations('druid')
  const path = `/api/supervisors/${encodeURIComponent(id)}`
  if (state === 'SUSPENDED')
    return (
      <ActionButton
        size="sm"
        variant="primary"
        icon={Play}
        run={() => call('POST', `${path}/resume`)}
        done={t('resumeDone', { id })}
        failed={t('resumeFailed', { id })}
      >
        {t('resume')}
      </ActionButton>
    )
  return (
    <ActionButton
      size="sm"
      icon={Pause}
      run={() => call('POST', `${path}/suspend`)}
      done={t('suspendDone', { id })}
      failed={t('suspendFailed', { id })}
      confirm={{
        title: t('suspendTitle', { id }),
        consequences: [t('suspendEffect1'), t('suspendEffect2')],
        verb: t('suspend'),
      }}
    >
      {t('suspend')}
    </ActionButton>
  )
}
