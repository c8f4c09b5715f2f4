import type { Metadata } from 'next'
import { ActivityPage } from '#components/activity/activity-page.tsx'
import { pageTitle } from '../../request.ts'

export const generateMetadata = (): Promise<Metadata> => pageTitle('activity')

export default function Page() {
  return <ActivityPage />
}
