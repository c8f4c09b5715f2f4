import { z } from 'zod'
import { serviceIds } from '#lib/pipeline/stages.ts'
import { Problem } from '#lib/problem.ts'
import { handle, oneOf } from '../../../handle.ts'

const Query = z.object({
  tail: z.coerce.number().int().min(0).max(100_000).default(200),
  follow: z.enum(['0', '1']).default('0'),
})

/** Log lines as text; with `follow=1` until the caller leaves. */
export const GET = handle({ role: 'viewer' }, async ({ console, params, query, request }) => {
  const id = oneOf(serviceIds, params.id, 'service')
  const parsed = Query.safeParse(Object.fromEntries(query))
  if (!parsed.success) throw new Problem(422, z.prettifyError(parsed.error))
  const { tail, follow } = parsed.data
  const lines = console.runtime.logs(id, { tail, follow: follow === '1' }, request.signal)[Symbol.asyncIterator]()
  // Asked for before the reply begins, so that a fault is still a problem and not a broken text.
  const first = lines.next()
  if (follow === '0') await first
  return new Response(toStream(first, lines, request.signal), {
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store, no-transform' },
  })
})

/** Pulls a line when the caller is ready for one, so a slow reader holds nothing in memory. */
function toStream(
  first: Promise<IteratorResult<string>>,
  lines: AsyncIterator<string>,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let pending: Promise<IteratorResult<string>> | null = first
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await (pending ?? lines.next())
        pending = null
        if (done) return controller.close()
        controller.enqueue(encoder.encode(`${value}\n`))
      } catch (error) {
        if (signal.aborted) controller.close()
        else controller.error(error)
      }
    },
    async cancel() {
      await lines.return?.()
    },
  })
}
