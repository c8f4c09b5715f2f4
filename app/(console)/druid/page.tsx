import type { Metadata } from 'next'
import { DruidPage } from '#components/engine/druid-page.tsx'
import { pageTitle } from '../../request.ts'

export const generateMetadata = (): Promise<Metadata> => pageTitle('druid')

export default function Page() {
  return <DruidPage />
}
