import { handle } from '../handle.ts'

/** Browsers that are let in at present, newest first. */
export const GET = handle({ role: 'admin' }, async ({ console, who }) => {
  const sessions = await console.store.sessions.list()
  return sessions.map(({ id, role, createdAt, lastSeenAt, expiresAt }) => ({
    id,
    role,
    createdAt: createdAt.getTime(),
    lastSeenAt: lastSeenAt.getTime(),
    expiresAt: expiresAt.getTime(),
    own: id === who.sessionId,
  }))
})
