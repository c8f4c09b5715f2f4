import { allows } from '#lib/auth/roles.ts'
import { questionIds } from '#lib/pipeline/personality.ts'
import { Problem } from '#lib/problem.ts'
import { handle, oneOf, writeDown } from '../../handle.ts'

/** Whole screen names are for admins, and who has seen them is on record. */
export const GET = handle({ role: 'viewer' }, async ({ console, params, query, who }) => {
  const id = oneOf(questionIds, params.question, 'question')
  const unmask = query.get('unmask') === 'true'
  if (unmask) {
    if (!allows(who.role, 'admin')) throw new Problem(403, 'Only an admin may see whole screen names')
    await writeDown(console, () => console.auth.audit(who, 'personality.unmask', id, 'done'))
  }
  return console.personality.answer(id, { unmask })
})
