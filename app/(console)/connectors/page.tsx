import type { Metadata } from 'next'
import { ConnectorsPage } from '#components/engine/connectors-page.tsx'
import { pageTitle } from '../../request.ts'

export const generateMetadata = (): Promise<Metadata> => pageTitle('connectors')

export default function Page() {
  return <ConnectorsPage />
}
