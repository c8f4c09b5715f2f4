'use client'
import { Link2 } from 'lucide-react'
import { useId, useState } from 'react'
import { useTranslations } from 'use-intl'
import { call } from '#components/live/api.ts'
import { ActionButton } from '#components/shell/action-button.tsx'
import { type Role, roles } from '#components/shell/session.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { Choice } from '#components/ui/field.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Moment } from '#components/ui/time.tsx'

/** As `POST /api/links` answers; `path` is relative to wherever the console is reached. */
interface OneTimeLink {
  readonly role: Role
  readonly path: string
  readonly expiresAt: number
}

export function LinkMaker() {
  const t = useTranslations('settings')
  const roleName = useTranslations('roles')
  const name = useId()
  const [role, setRole] = useState<Role>('viewer')
  const [link, setLink] = useState<OneTimeLink | null>(null)
  return (
    <Panel title={t('links')}>
      <div className="grid justify-items-start gap-4">
        <p className="max-w-[64ch] text-pretty text-ink-soft">{t('linksBody')}</p>
        <Choice
          legend={t('linkRole')}
          name={name}
          value={role}
          options={roles.map((value) => ({ value, label: roleName(value) }))}
          onChange={setRole}
          hint={t(`roleHint.${role}`)}
        />
        <ActionButton
          needs="admin"
          icon={Link2}
          failed={t('makeFailed')}
          run={async () => setLink(await call<OneTimeLink>('POST', '/api/links', { role }))}
        >
          {t('make')}
        </ActionButton>
        {link !== null && <MadeLink link={link} />}
      </div>
    </Panel>
  )
}

function MadeLink({ link }: { link: OneTimeLink }) {
  const t = useTranslations('settings')
  const roleName = useTranslations('roles')
  const address = new URL(link.path, window.location.origin).href
  return (
    <Notice
      live
      tone="good"
      className="w-full"
      title={`${t('link')}: ${roleName(link.role)}`}
      action={<CopyButton text={address} label={t('copyLink')} />}
    >
      <p className="font-mono text-xs wrap-anywhere text-ink">{address}</p>
      <p>
        {t('shownOnce')} {t('validUntil')} <Moment at={link.expiresAt} />
      </p>
    </Notice>
  )
}
