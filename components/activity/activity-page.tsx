'use client'
/** Activity: the audit log, newest first. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { ChevronDown } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { call } from '#components/live/api.ts'
import { Empty, List } from '#components/ui/blank.tsx'
import { Button } from '#components/ui/button.tsx'
import { PageHead, Panel } from '#components/ui/panel.tsx'
import { StateMark } from '#components/ui/state-mark.tsx'
import { RowHead, Table, Td, Th } from '#components/ui/table.tsx'
import { Moment } from '#components/ui/time.tsx'

/** As `GET /api/audit` lists it. */
interface AuditEntry {
  readonly id: number
  /** ms since the epoch. */
  readonly at: number
  readonly who: string
  readonly role: string
  /** `<thing>.<verb>`. */
  readonly act: string
  readonly subject: string | null
  /** `done`, or why it was not. */
  readonly outcome: string
}

const pageSize = 100

export function ActivityPage() {
  const t = useTranslations('activity')
  const audit = useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam }) =>
      call<AuditEntry[]>('GET', `/api/audit?limit=${pageSize}${pageParam === null ? '' : `&before=${pageParam}`}`),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => (last.length < pageSize ? undefined : (last.at(-1)?.id ?? undefined)),
    refetchInterval: 10_000,
  })
  const { error, refetch } = audit
  return (
    <div className="grid gap-4 md:gap-5">
      <PageHead title={t('title')} intro={t('intro')} />
      <Panel flush title={t('title')}>
        <List
          query={{ data: audit.data?.pages.flat(), error, refetch }}
          failed={t('failed')}
          empty={<Empty title={t('empty')}>{t('emptyBody')}</Empty>}
        >
          {(entries) => (
            <>
              <AuditCards entries={entries} />
              <div className="max-lg:hidden">
                <AuditTable entries={entries} />
              </div>
            </>
          )}
        </List>
        {audit.hasNextPage && (
          <div className="p-3 text-center">
            <Button icon={ChevronDown} pending={audit.isFetchingNextPage} onClick={() => audit.fetchNextPage()}>
              {t('older')}
            </Button>
          </div>
        )}
      </Panel>
    </div>
  )
}

function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  const t = useTranslations('activity')
  const actName = useActName()
  return (
    <Table label={t('title')}>
      <thead>
        <tr>
          <Th>{t('when')}</Th>
          <Th>{t('who')}</Th>
          <Th>{t('act')}</Th>
          <Th>{t('subject')}</Th>
          <Th>{t('outcome')}</Th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.id}>
            <RowHead className="font-normal">
              <Moment at={entry.at} />
            </RowHead>
            <Td className="whitespace-nowrap">{entry.who}</Td>
            <Td className="font-medium whitespace-nowrap" title={entry.act}>
              {actName(entry.act)}
            </Td>
            <Td className="min-w-40 wrap-anywhere text-ink-soft">{entry.subject}</Td>
            <Td className="min-w-32">
              <Outcome outcome={entry.outcome} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

/** The same for narrow screens: what first, then by whom and when. */
function AuditCards({ entries }: { entries: readonly AuditEntry[] }) {
  const actName = useActName()
  return (
    <ul className="lg:hidden">
      {entries.map((entry) => (
        <li key={entry.id} className="grid gap-0.5 border-b px-4 py-2.5 last:border-b-0">
          <p className="flex flex-wrap justify-between gap-x-3">
            <span className="font-medium">{actName(entry.act)}</span>
            <Outcome outcome={entry.outcome} />
          </p>
          {entry.subject !== null && <p className="wrap-anywhere text-ink-soft">{entry.subject}</p>}
          <p className="flex flex-wrap justify-between gap-x-3 text-xs text-ink-faint">
            <span>{entry.who}</span>
            <Moment at={entry.at} />
          </p>
        </li>
      ))}
    </ul>
  )
}

function Outcome({ outcome }: { outcome: string }) {
  const t = useTranslations('activity')
  if (outcome === 'done') return <span className="text-ink-soft">{t('done')}</span>
  return <StateMark state="down" word={outcome} className="whitespace-normal wrap-anywhere" />
}

/** An act in the page's language; one that this page does not know by its own name. */
function useActName(): (act: string) => string {
  const t = useTranslations('activity.acts')
  return (act) => {
    const key = act.replace('.', '_') as Parameters<typeof t.has>[0]
    return t.has(key) ? t(key) : act
  }
}
