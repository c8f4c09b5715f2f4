import { Problem } from '#lib/problem.ts'
import { handle } from '../../handle.ts'

/** Ends a session; its pages lose their live facts at once. */
export const DELETE = handle(
  { role: 'admin', act: 'session.revoke', subject: ({ id }) => id ?? '' },
  async ({ console, params }) => {
    const existed = await console.auth.revoke(params.id ?? '')
    if (!existed) throw new Problem(404, `There is no session ${params.id}`)
  },
)
