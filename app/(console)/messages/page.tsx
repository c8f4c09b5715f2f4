import type { Metadata } from 'next'
import { MessagesPage } from '#components/messages/messages-page.tsx'
import { pageTitle } from '../../request.ts'

export const generateMetadata = (): Promise<Metadata> => pageTitle('messages')

export default function Page() {
  return <MessagesPage />
}
