import { handle } from '../../handle.ts'

/** A POST, because looking at the password is an act on record. */
export const POST = handle({ role: 'admin', act: 'superset.account' }, async ({ console }) =>
  console.engines.superset.account(),
)
