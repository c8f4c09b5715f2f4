import { z } from 'zod'
import { serviceIds } from '#lib/pipeline/stages.ts'
import { handle, oneOf } from '../../../handle.ts'

const Wanted = z.object({ replicas: z.int().min(1) })

/** How many of a service run beside each other, now and after later starts. Problem 409 where there is always one. */
export const POST = handle(
  { role: 'admin', act: 'service.scale', subject: ({ id }, { replicas }) => `${id}: ${replicas}`, body: Wanted },
  async ({ console, params, body }) => {
    const id = oneOf(serviceIds, params.id, 'service')
    console.stack.requireOwn([id])
    await console.stack.scaleService(id, body.replicas)
    return new Response(null, { status: 202 })
  },
)
