import { z } from 'zod'
import { serviceIds } from '#lib/pipeline/stages.ts'
import { handle, inBackground } from '../../handle.ts'

const Start = z.object({ only: z.array(z.enum(serviceIds)).min(1).max(serviceIds.length).optional() })

/** 202: progress, faults and the end of it show in the status. */
export const POST = handle(
  { role: 'operator', act: 'stack.start', subject: (_, { only }) => only?.join(' ') ?? 'all services', body: Start },
  async ({ console, body }) => {
    console.stack.requireOwn(body.only ?? [])
    return inBackground(console, 'the start of the stack', console.startAll(body))
  },
)
