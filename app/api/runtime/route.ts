import { z } from 'zod'
import { runtimeKinds } from '#lib/pipeline/stages.ts'
import { handle } from '../handle.ts'

const Wanted = z.object({ kind: z.enum(runtimeKinds) })

/** 202: the console begins anew with that runtime, and is away for a few seconds. Problem 409 while services run. */
export const POST = handle(
  { role: 'admin', act: 'runtime.choose', subject: (_, { kind }) => kind, body: Wanted },
  async ({ console, body }) => {
    await console.chooseRuntime(body.kind)
    return new Response(null, { status: 202 })
  },
)
