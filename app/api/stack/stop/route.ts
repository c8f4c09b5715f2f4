import { z } from 'zod'
import { allows } from '#lib/auth/roles.ts'
import { Problem } from '#lib/problem.ts'
import { handle, inBackground } from '../../handle.ts'

const Stop = z.object({ purge: z.boolean().default(false) })

/** 202. `purge` deletes all data of the services, so it needs the role admin. */
export const POST = handle(
  {
    role: 'operator',
    act: 'stack.stop',
    subject: (_, { purge }) => (purge ? 'with all data' : 'data kept'),
    body: Stop,
  },
  async ({ console, body, who }) => {
    if (body.purge && !allows(who.role, 'admin')) throw new Problem(403, 'Deleting all data needs the role admin')
    if (body.purge) await console.stack.requirePurgeable()
    return inBackground(console, 'the stop of the stack', console.stopAll(body))
  },
)
