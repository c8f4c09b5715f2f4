/** What every route does around its one call: authorise, parse, bound, record, and turn errors into problem+json. */
import { z } from 'zod'
import type { Identity } from '#lib/auth/index.ts'
import type { Role } from '#lib/auth/roles.ts'
import { type Console, getConsole } from '#lib/console.ts'
import { Problem, toProblemBody } from '#lib/problem.ts'

const maxBodyBytes = 64 * 1024

export type Params = Readonly<Record<string, string>>

export interface Call<B> {
  readonly request: Request
  readonly params: Params
  readonly body: B
  readonly query: URLSearchParams
  readonly who: Identity
  readonly console: Console
}

interface Rules<B> {
  /** The least role that may call. */
  readonly role: Role
  /** Name of the act in the audit log; every write has one. A function where the URL names the verb. */
  readonly act?: string | ((params: Params) => string)
  /** What it was done to. */
  readonly subject?: (params: Params, body: B) => string
  readonly body?: z.ZodType<B>
}

type Handler = (request: Request, context: { params: Promise<Params> }) => Promise<Response>

/** A route for signed-in callers. What `run` returns goes out as JSON; a Response as it is; undefined as 204. */
export function handle<B = undefined>(rules: Rules<B>, run: (call: Call<B>) => Promise<unknown>): Handler {
  return answering(async (request, params) => {
    const console = await getConsole()
    const act = typeof rules.act === 'function' ? rules.act(params) : rules.act
    const who = await console.auth.authorise(request, rules.role).catch(async (error: unknown) => {
      if (act !== undefined) await recordDenial(console, request, act, params, error)
      throw error
    })
    const body = rules.body === undefined ? (undefined as B) : await readBody(request, rules.body)
    const call: Call<B> = { request, params, body, query: new URL(request.url).searchParams, who, console }
    if (act === undefined) return run(call)
    return recorded(call, act, rules.subject?.(params, body) ?? null, () => run(call))
  })
}

/** A route that decides by itself who may call it. */
export function answering(run: (request: Request, params: Params) => Promise<unknown>): Handler {
  return async (request, { params }) => {
    try {
      // Next gives none to a route without parameters.
      const result = await run(request, (await params) ?? {})
      if (result instanceof Response) return result
      return result === undefined ? new Response(null, { status: 204 }) : Response.json(result, { headers: unstored })
    } catch (error) {
      // Nobody reads the answer any more: whatever failed did so because the caller left.
      if (request.signal.aborted) return new Response(null, { status: callerGone })
      return refusal(error)
    }
  }
}

/** As nginx logs it; no standard has a status for this. */
const callerGone = 499

const unstored = { 'cache-control': 'no-store' }

async function recorded<B>(call: Call<B>, act: string, subject: string | null, run: () => Promise<unknown>) {
  const { console, who } = call
  try {
    const result = await run()
    await writeDown(console, () => console.auth.audit(who, act, subject, 'done'))
    return result
  } catch (error) {
    await writeDown(console, () => console.auth.audit(who, act, subject, toProblemBody(error).detail))
    throw error
  }
}

/** What a known caller may not do is on record too; strangers have no name to record. */
async function recordDenial(console: Console, request: Request, act: string, params: Params, error: unknown) {
  const { status, detail } = toProblemBody(error)
  if (status !== 403) return
  await writeDown(console, async () => {
    const who = await console.auth.identify(request.headers)
    if (who !== null) await console.auth.auditDenial(who, act, Object.values(params).join(' ') || null, detail)
  })
}

/** An act that is done stays done, and a refusal stays what it is, when it cannot be recorded. */
export async function writeDown(console: Pick<Console, 'log'>, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (error) {
    console.log.error({ err: error }, 'an act could not be recorded')
  }
}

async function refusal(error: unknown): Promise<Response> {
  const body = toProblemBody(error)
  if (body.status === 500) {
    const console = await getConsole().catch(() => null)
    console?.log.error({ err: error }, 'a request failed')
  }
  const headers: Record<string, string> = { 'content-type': 'application/problem+json', ...unstored }
  const retryAfter = (error as Partial<Problem> | null)?.retryAfter
  if (typeof retryAfter === 'number') headers['retry-after'] = String(retryAfter)
  return new Response(JSON.stringify(body), { status: body.status, headers })
}

/** An absent body counts as `{}`. Throws Problem 400, 413, 422. */
export async function readBody<B>(request: Request, schema: z.ZodType<B>): Promise<B> {
  const text = await readText(request)
  let value: unknown
  try {
    value = text === '' ? {} : JSON.parse(text)
  } catch {
    throw new Problem(400, 'The body is not JSON')
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new Problem(422, z.prettifyError(parsed.error).replaceAll('\n', ' '))
  return parsed.data
}

async function readText(request: Request): Promise<string> {
  const reader = request.body?.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    size += part.value.byteLength
    if (size > maxBodyBytes) throw new Problem(413, `A body may have ${maxBodyBytes} bytes at most`)
    chunks.push(part.value)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The value as one of `allowed`; Problem 404 otherwise. */
export function oneOf<T extends string>(allowed: readonly T[], value: string | undefined, what: string): T {
  const found = allowed.find((a) => a === value)
  if (found === undefined)
    throw new Problem(404, `There is no ${what} "${value ?? ''}"`, { hint: `Known: ${allowed.join(', ')}` })
  return found
}

/** For work that goes on after the answer: what comes of it shows in the status, and a fault in the log. */
export function inBackground(console: Console, what: string, work: Promise<unknown>): Response {
  work.catch((error: unknown) => console.log.error({ err: error }, `${what} failed`))
  return new Response(null, { status: 202 })
}
