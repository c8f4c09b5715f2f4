'use client'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { call } from '#components/live/api.ts'
import { ActionButton } from '#components/shell/action-button.tsx'
import type { Role } from '#components/shell/session.tsx'
import { Empty, List } from '#components/ui/blank.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { RowHead, Table, Td, Th } from '#components/ui/table.tsx'
import { Age, Moment } from '#components/ui/time.tsx'

/** As `GET /api/sessions` lists it; times are ms since the epoch. */
interface OpenSession {
  readonly id: string
  readonly role: Role
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly expiresAt: number
  readonly own: boolean
}

/** For admins: every browser that is let in, and the way to end its session. */
export function Sessions() {
  const t = useTranslations('sessions')
  const sessions = useQuery({
    queryKey: ['sessions'],
    queryFn: () => call<OpenSession[]>('GET', '/api/sessions'),
    refetchInterval: 30_000,
  })
  return (
    <Panel flush title={t('title')}>
      <List query={sessions} failed={t('failed')} empty={<Empty title={t('empty')} />}>
        {(rows) => (
          <Table label={t('title')}>
            <thead>
              <tr>
                <Th>{t('name')}</Th>
                <Th>{t('role')}</Th>
                <Th>{t('entered')}</Th>
                <Th>{t('seen')}</Th>
                <Th>
                  <span className="sr-only">{t('actions')}</span>
                </Th>
              </tr>
            </thead>
            <tbody>
              {rows.map((session) => (
                <SessionRow key={session.id} session={session} />
              ))}
            </tbody>
          </Table>
        )}
      </List>
    </Panel>
  )
}

function SessionRow({ session: { id, role, createdAt, lastSeenAt, own } }: { session: OpenSession }) {
  const t = useTranslations('sessions')
  const roleName = useTranslations('roles')
  return (
    <tr>
      <RowHead className="font-mono text-xs">{id.slice(0, 6)}</RowHead>
      <Td>{roleName(role)}</Td>
      <Td>
        <Moment at={createdAt} />
      </Td>
      <Td className="whitespace-nowrap">{own ? t('own') : <Age at={lastSeenAt} />}</Td>
      <Td numeric className="py-1.5">
        {!own && (
          <ActionButton
            size="sm"
            variant="danger"
            needs="admin"
            failed={t('endFailed')}
            run={() => call('DELETE', `/api/sessions/${encodeURIComponent(id)}`)}
            confirm={{ title: t('endTitle'), consequences: [t('endEffect')], verb: t('end') }}
          >
            {t('end')}
          </ActionButton>
        )}
      </Td>
    </tr>
  )
}
