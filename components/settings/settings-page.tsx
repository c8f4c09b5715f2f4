'use client'
/** Settings: how the console looks, who one is, and letting others in. */
import { useId } from 'react'
import { useTranslations } from 'use-intl'
import { PurgeControl } from '#components/engine/stack-controls.tsx'
import { themes, useLanguage, useLanguageNames, useThemeChoice } from '#components/shell/preferences.tsx'
import { useSession } from '#components/shell/session.tsx'
import { Facts } from '#components/ui/facts.tsx'
import { Choice } from '#components/ui/field.tsx'
import { PageHead, Panel } from '#components/ui/panel.tsx'
import { Moment } from '#components/ui/time.tsx'
import { LinkMaker } from './link-maker.tsx'
import { RuntimePanel } from './runtime-panel.tsx'
import { Sessions } from './sessions.tsx'
import { SupersetAccount } from './superset-account.tsx'

export function SettingsPage() {
  const t = useTranslations('settings')
  const roleName = useTranslations('roles')
  const session = useSession()
  return (
    <div className="grid max-w-3xl gap-4 md:gap-5">
      <PageHead title={t('title')} />
      <Look />
      <Panel title={t('session')}>
        <Facts
          items={[
            { name: t('role'), value: roleName(session.role) },
            { name: t('who'), value: session.who },
            { name: t('ends'), value: <Moment at={session.expiresAt} /> },
          ]}
        />
      </Panel>
      <RuntimePanel />
      <LinkMaker />
      {session.role === 'admin' && <Sessions />}
      {session.role === 'admin' && <SupersetAccount />}
      <Panel title={t('data')}>
        <div className="grid justify-items-start gap-3">
          <p className="max-w-[64ch] text-pretty text-ink-soft">{t('dataBody')}</p>
          <PurgeControl />
        </div>
      </Panel>
    </div>
  )
}

function Look() {
  const t = useTranslations('settings')
  const themeName = useTranslations('themes')
  const language = useLanguage()
  const languages = useLanguageNames()
  const theme = useThemeChoice()
  const name = useId()
  return (
    <Panel title={t('look')}>
      <div className="flex flex-wrap gap-x-10 gap-y-4">
        <Choice
          legend={t('language')}
          name={`${name}-language`}
          value={language.locale}
          options={languages}
          onChange={language.choose}
        />
        <Choice
          legend={t('theme')}
          name={`${name}-theme`}
          value={theme.theme}
          options={themes.map((value) => ({ value, label: themeName(value) }))}
          onChange={theme.choose}
        />
      </div>
    </Panel>
  )
}
