import type { Metadata } from 'next'
import { PersonalityPage } from '#components/personality/personality-page.tsx'
import { pageTitle } from '../../request.ts'

export const generateMetadata = (): Promise<Metadata> => pageTitle('personality')

export default function Page() {
  return <PersonalityPage />
}
