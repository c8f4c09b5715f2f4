import type { Metadata } from 'next'
import { ReplayPage } from '#components/replay/replay-page.tsx'
import { pageTitle } from '../../request.ts'

export const generateMetadata = (): Promise<Metadata> => pageTitle('replay')

export default function Page() {
  return <ReplayPage />
}
