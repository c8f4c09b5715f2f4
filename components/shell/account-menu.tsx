'use client'
import { CircleUserRound, LogOut } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { call } from '#components/live/api.ts'
import { Button } from '#components/ui/button.tsx'
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine } from '#components/ui/menu.tsx'
import { toast } from '#components/ui/toast.tsx'
import { themes, useLanguage, useLanguageNames, useThemeChoice } from './preferences.tsx'
import { useSession } from './session.tsx'

/** Who looks, in which language and light, and the way out. */
export function AccountMenu() {
  const t = useTranslations('account')
  const themeName = useTranslations('themes')
  const role = useTranslations('roles')
  const session = useSession()
  const language = useLanguage()
  const languages = useLanguageNames()
  const theme = useThemeChoice()
  const leave = async () => {
    try {
      await call('DELETE', '/api/session')
      window.location.assign('/enter')
    } catch (error) {
      toast('error', t('leaveFailed'), error instanceof Error ? error.message : null)
    }
  }
  return (
    <Menu
      trigger={
        <Button variant="plain" icon={CircleUserRound} className="max-md:h-10">
          <span className="sr-only">{t('menu')} </span>
          <span className="max-sm:sr-only">{role(session.role)}</span>
        </Button>
      }
    >
      <MenuLabel>{t('language')}</MenuLabel>
      <MenuChoice value={language.locale} options={languages} onChange={language.choose} />
      <MenuLabel>{t('theme')}</MenuLabel>
      <MenuChoice
        value={theme.theme}
        options={themes.map((value) => ({ value, label: themeName(value) }))}
        onChange={theme.choose}
      />
      <MenuLine />
      <MenuItem onSelect={leave}>
        <LogOut aria-hidden className="size-4 text-ink-faint" />
        {t('leave')}
      </MenuItem>
    </Menu>
  )
}
