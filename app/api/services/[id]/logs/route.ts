import { z } from 'zod'
import type { Identity } from '#lib/auth/index.ts'
import type { Console } from '#lib/console.ts'
import { serviceIds } from '#lib/pipeline/stages.ts'
import { Problem } from '#lib/problem.ts'
import { handle, oneOf } from '../../../handle.ts'

const maxTail = 100_000

const Query = z
  .object({
    /** 200, or with `since` as many as there may be. */
    tail: z.coerce.number().int().min(0).max(maxTail).optional(),
    /** ms since the epoch. */
    since: z.coerce.number().int().min(0).optional(),
    follow: z.enum(['0', '1']).default('0'),
    /** As a file. */
    download: z.enum(['0', '1']).default('0'),
  })
  .transform(({ tail, since, follow, download }) => ({
    tail: tail ?? (since === undefined ? 200 : maxTail),
    follow: follow === '1',
    download: download === '1',
    ...(since === undefined ? {} : { since }),
  }))

/** Each holds a file open and looks at it several times a second. */
const maxFollowing = 20
let following = 0

/** Log lines as text; with `follow=1` until the caller leaves or its session ends. */
export const GET = handle({ role: 'viewer' }, async ({ console, params, query, request, who }) => {
  const id = oneOf(serviceIds, params.id, 'service')
  console.stack.requireOwn([id])
  const parsed = Query.safeParse(Object.fromEntries(query))
  if (!parsed.success) throw new Problem(422, z.prettifyError(parsed.error))
  const { download, ...options } = parsed.data
  const { follow } = options
  const reading = follow
    ? beginFollowing(console, who, request.signal)
    : { signal: request.signal, end: () => undefined }
  const lines = console.runtime.logs(id, options, reading.signal)[Symbol.asyncIterator]()
  // Asked for before the reply begins, so that a fault is still a problem and not a broken text.
  const first = lines.next()
  if (!follow) await first
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store, no-transform' }
  const file = `${id}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.log`
  return new Response(toStream(first, lines, reading), {
    headers: download ? { ...headers, 'content-disposition': `attachment; filename="${file}"` } : headers,
  })
})

interface Reading {
  readonly signal: AbortSignal
  end(): void
}

/** Takes one of the places; it is free again when the reading ends, by whatever way. */
function beginFollowing({ auth }: Console, who: Identity, caller: AbortSignal): Reading {
  if (following >= maxFollowing) throw new Problem(429, `${maxFollowing} logs are being followed: close one first`)
  following++
  const over = new AbortController()
  const end = () => over.abort()
  const stopListening = auth.onEnd((sessionId) => sessionId === who.sessionId && end())
  over.signal.addEventListener('abort', () => {
    following--
    stopListening()
    caller.removeEventListener('abort', end)
  })
  caller.addEventListener('abort', end)
  if (caller.aborted) end()
  return { signal: over.signal, end }
}

/** Pulls a line when the caller is ready for one, so a slow reader holds nothing in memory. */
function toStream(
  first: Promise<IteratorResult<string>>,
  lines: AsyncIterator<string>,
  { signal, end }: Reading,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let pending: Promise<IteratorResult<string>> | null = first
  let open = true
  const close = () => {
    open = false
    end()
    // Lets go of the file; what it could not do then concerns nobody any more.
    lines.return?.().catch(() => undefined)
  }
  return new ReadableStream({
    start(controller) {
      // Also while the caller takes nothing.
      const onAbort = () => {
        if (!open) return
        close()
        controller.close()
      }
      signal.addEventListener('abort', onAbort)
      if (signal.aborted) onAbort()
    },
    async pull(controller) {
      try {
        const { done, value } = await (pending ?? lines.next())
        pending = null
        if (!open) return
        if (!done) return controller.enqueue(encoder.encode(`${value}\n`))
        close()
        controller.close()
      } catch (error) {
        if (!open) return
        close()
        controller.error(error)
      }
    },
    cancel: close,
  })
}
