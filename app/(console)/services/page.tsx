import type { Metadata } from 'next'
import { ServicesPage } from '#components/engine/services-page.tsx'
import { pageTitle } from '../../request.ts'

export const generateMetadata = (): Promise<Metadata> => pageTitle('services')

export default function Page() {
  return <ServicesPage />
}
