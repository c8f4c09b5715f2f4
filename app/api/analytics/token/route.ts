import { z } from 'zod'
import { handle } from '../../handle.ts'

const Wanted = z.object({ dashboard: z.string().min(1).max(100) })

/** Lets a frame in for some minutes, to this one dashboard. Pages ask again and again while a dashboard is open, so it is no act on record. */
export const POST = handle({ role: 'viewer', body: Wanted }, async ({ console, body, request, who }) => ({
  token: await console.engines.superset.guestToken({
    dashboard: body.dashboard,
    user: who.who,
    signal: request.signal,
  }),
}))
