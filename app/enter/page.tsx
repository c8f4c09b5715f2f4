import type { Metadata } from 'next'
import { messages } from '#components/i18n/messages.ts'
import { EnterPage } from '#components/shell/enter-page.tsx'
import { requestLocale } from '../request.ts'

export const generateMetadata = async (): Promise<Metadata> => ({
  title: messages[await requestLocale()].enter.title,
  // The token may stand in the address, which must not leave with a request for something else.
  referrer: 'no-referrer',
})

export default function Page() {
  return <EnterPage />
}
