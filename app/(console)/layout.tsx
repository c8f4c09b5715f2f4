/** Everything behind the door: pages only for a session, with the facts of this moment already in them. */
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import type { ReactNode } from 'react'
import { LiveProvider } from '#components/live/provider.tsx'
import { SessionProvider } from '#components/shell/session.tsx'
import { Shell } from '#components/shell/shell.tsx'
import { getConsole } from '#lib/console.ts'

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const { auth, hub } = await getConsole()
  const identity = await auth.identify(await headers())
  if (identity === null) redirect('/enter')
  const { who, role, expiresAt } = identity
  return (
    <SessionProvider session={{ who, role, expiresAt }}>
      <LiveProvider initial={hub.whole()}>
        <Shell>{children}</Shell>
      </LiveProvider>
    </SessionProvider>
  )
}
