'use client'
/** Who looks: the role decides which buttons can be pressed. The server checks every act again by itself. */
import { createContext, type ReactNode, useContext } from 'react'
import { useTranslations } from 'use-intl'

export const roles = ['viewer', 'operator', 'admin'] as const
export type Role = (typeof roles)[number]

export interface Session {
  /** As the audit log names this session. */
  readonly who: string
  readonly role: Role
  /** ms since the epoch; null when the server does not say. */
  readonly expiresAt: number | null
}

const SessionContext = createContext<Session>({ who: '', role: 'viewer', expiresAt: null })

export const SessionProvider = ({ session, children }: { session: Session; children: ReactNode }) => (
  <SessionContext value={session}>{children}</SessionContext>
)

export const useSession = (): Session => useContext(SessionContext)

export const mayAct = (role: Role, needs: Role): boolean => roles.indexOf(role) >= roles.indexOf(needs)

/** Why this role may not act; null when it may. */
export function useRefusal(needs: Role): string | null {
  const { role } = useSession()
  const t = useTranslations('roles')
  return mayAct(role, needs) ? null : t('refusal', { role: t(role), needs: t(needs) })
}
