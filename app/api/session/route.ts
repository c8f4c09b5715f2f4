/** Coming in by a one-time link, asking who one is, and leaving. */
import { z } from 'zod'
import type { Identity } from '#lib/auth/index.ts'
import { getConsole } from '#lib/console.ts'
import { answering, handle, readBody, writeDown } from '../handle.ts'

const Entry = z.object({ token: z.string().min(1).max(200) })

const shown = ({ who, role, expiresAt }: Identity) => ({ who, role, expiresAt })

export const POST = answering(async (request) => {
  const console = await getConsole()
  const { auth } = console
  auth.checkOrigin(request)
  const { token } = await readBody(request, Entry)
  const { identity, setCookie } = await auth.enter(token, request.headers.get('x-forwarded-for') ?? '')
  await writeDown(console, () => auth.audit(identity, 'session.enter', null, 'done'))
  return Response.json(shown(identity), { headers: { 'set-cookie': setCookie, 'cache-control': 'no-store' } })
})

export const GET = handle({ role: 'viewer' }, async ({ who }) => shown(who))

export const DELETE = handle({ role: 'viewer', act: 'session.leave' }, async ({ console, who }) => {
  if (who.sessionId !== null) await console.auth.revoke(who.sessionId)
  return new Response(null, { status: 204, headers: { 'set-cookie': console.auth.clearedCookie() } })
})
