import { z } from 'zod'
import { Problem } from '#lib/problem.ts'
import { handle } from '../handle.ts'

const Query = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  before: z.coerce.number().int().optional(),
})

/** Newest first; `before` is the id of the last entry that the caller has. */
export const GET = handle({ role: 'viewer' }, async ({ console, query }) => {
  const parsed = Query.safeParse(Object.fromEntries(query))
  if (!parsed.success) throw new Problem(422, z.prettifyError(parsed.error))
  const entries = await console.store.audit.list(parsed.data.limit, parsed.data.before)
  return entries.map((e) => ({ ...e, at: e.at.getTime() }))
})
