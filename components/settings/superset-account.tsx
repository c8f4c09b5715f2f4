'use client'
/** Superset's own administrator: shown when asked for, and gone with the page. */
import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { call } from '#components/live/api.ts'
import { ActionButton } from '#components/shell/action-button.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { Panel } from '#components/ui/panel.tsx'

interface Account {
  readonly user: string
  readonly password: string
}

export function SupersetAccount() {
  const t = useTranslations('supersetAccount')
  const [account, setAccount] = useState<Account | null>(null)
  return (
    <Panel title={t('title')}>
      <div className="grid justify-items-start gap-3">
        <p className="max-w-[72ch] text-ink-soft">{t('intro')}</p>
        {account === null ? (
          <ActionButton
            needs="admin"
            icon={KeyRound}
            run={async () => setAccount(await call<Account>('POST', '/api/analytics/account'))}
            failed={t('failed')}
          >
            {t('show')}
          </ActionButton>
        ) : (
          <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-1">
            <dt className="text-xs text-ink-faint">{t('user')}</dt>
            <dd className="font-mono">{account.user}</dd>
            <dt className="text-xs text-ink-faint">{t('password')}</dt>
            <dd className="flex min-w-0 items-center gap-2 font-mono wrap-anywhere">
              {account.password}
              <CopyButton text={account.password} label={t('copy')} />
            </dd>
          </dl>
        )}
      </div>
    </Panel>
  )
}
