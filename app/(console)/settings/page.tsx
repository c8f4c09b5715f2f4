import type { Metadata } from 'next'
import { SettingsPage } from '#components/settings/settings-page.tsx'
import { pageTitle } from '../../request.ts'

export const generateMetadata = (): Promise<Metadata> => pageTitle('settings')

export default function Page() {
  return <SettingsPage />
}
