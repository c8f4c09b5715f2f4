/**
 * JSON over HTTP for the engines that speak it (Connect, Druid, Superset): every fault becomes an EngineError that says
 * what to do next, every reply is checked by a schema, and nothing is unbounded: time, size, connections.
 */
import { Agent, type FormData, request } from 'undici'
import type { z } from 'zod'
import type { Login } from '#lib/external.ts'
import type { EngineId } from '#lib/pipeline/stages.ts'
import { EngineError, type EngineErrorCode } from './errors.ts'
import { parseExact, writeExact } from './json.ts'

const defaultTimeoutMs = 5_000
const defaultMaxBytes = 8 * 1024 * 1024
const excerptLength = 500
const noContent = 204

export interface HttpClientOptions {
  readonly engine: EngineId
  /** How people call what answers there: `Kafka Connect`. */
  readonly name: string
  /** Without a trailing slash. */
  readonly url: string
  /** The next action when nothing answers. */
  readonly unreachableHint: string
  /** Certificates to trust, PEM, for one that runs elsewhere. */
  readonly ca?: string | null
  /** Goes with every call, by basic authentication. */
  readonly login?: Login | null
}

export interface Call<T> {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  /** Sent as multipart/form-data, instead of a body. */
  readonly form?: FormData
  /** Beside those that every call has. */
  readonly headers?: Readonly<Record<string, string>>
  /** Gets the cookies that the reply sets, as `name=value`. */
  readonly onCookies?: (cookies: readonly string[]) => void
  /** What the reply must look like; without one the reply is not read as JSON. */
  readonly schema?: z.ZodType<T>
  readonly signal: AbortSignal
  readonly timeoutMs?: number
  readonly maxBytes?: number
}

/** A reply with an error status, as the cause of an EngineError. */
export class HttpRejection extends Error {
  readonly status: number
  readonly body: string
  constructor(status: number, body: string) {
    super(`HTTP ${status}: ${body.slice(0, excerptLength)}`)
    this.name = 'HttpRejection'
    this.status = status
    this.body = body
  }
}

/** The HTTP status behind an error; null when there was none. */
export const httpStatus = (error: unknown): number | null =>
  error instanceof EngineError && error.cause instanceof HttpRejection ? error.cause.status : null

export class HttpClient {
  readonly #options: HttpClientOptions
  readonly #agent: Agent
  readonly #authorization: Readonly<Record<string, string>>

  constructor(options: HttpClientOptions) {
    this.#options = options
    const { ca, login } = options
    const limits = { connections: 8, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 }
    this.#agent = new Agent(ca ? { ...limits, connect: { ca } } : limits)
    this.#authorization = login ? { authorization: basic(login) } : {}
  }

  /** Throws EngineError; when `signal` aborts, throws its reason. */
  async call<T = undefined>(call: Call<T>): Promise<T> {
    const timeout = AbortSignal.timeout(call.timeoutMs ?? defaultTimeoutMs)
    try {
      const { status, text } = await this.#exchange(call, AbortSignal.any([call.signal, timeout]))
      // Nothing that these engines are asked moves: whoever answers with a redirection stands before them, and has done nothing.
      if (status >= 300) throw this.#rejected(call, status, text)
      if (status === noContent && call.schema !== undefined)
        throw this.#unexpected(call, 'it has nothing to tell', new HttpRejection(status, text))
      return call.schema === undefined ? (undefined as T) : this.#read(call, call.schema, text)
    } catch (error) {
      if (error instanceof EngineError) throw error
      if (call.signal.aborted) throw call.signal.reason
      throw timeout.aborted ? this.#tooSlow(call, error) : this.#unanswered(error)
    }
  }

  /** As `call`, but null where the engine says that the thing does not exist (404) or tells nothing of it (204). */
  async find<T>(call: Call<T>): Promise<T | null> {
    try {
      return await this.call(call)
    } catch (error) {
      const status = httpStatus(error)
      if (status === 404 || status === noContent) return null
      throw error
    }
  }

  /** Ends calls under way and closes the kept connections. */
  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  async #exchange(call: Call<unknown>, signal: AbortSignal): Promise<{ status: number; text: string }> {
    const reply = await request(this.#options.url + call.path, {
      method: call.method ?? 'GET',
      body: call.form ?? (call.body === undefined ? null : writeExact(call.body)),
      headers: {
        accept: 'application/json',
        ...this.#authorization,
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
        ...call.headers,
      },
      dispatcher: this.#agent,
      signal,
    })
    call.onCookies?.([reply.headers['set-cookie'] ?? []].flat().map((cookie) => cookie.split(';', 1)[0] ?? ''))
    const limit = call.maxBytes ?? defaultMaxBytes
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of reply.body) {
      size += chunk.length
      if (size > limit) throw this.#unexpected(call, `its reply is larger than ${limit} bytes`)
      chunks.push(chunk)
    }
    return { status: reply.statusCode, text: Buffer.concat(chunks).toString('utf8') }
  }

  #read<T>(call: Call<T>, schema: z.ZodType<T>, text: string): T {
    let value: unknown
    try {
      value = parseExact(text)
    } catch (cause) {
      throw this.#unexpected(call, `its reply is not JSON: ${text.slice(0, 80)}`, cause)
    }
    const parsed = schema.safeParse(value)
    if (parsed.success) return parsed.data
    const issue = parsed.error.issues[0]
    throw this.#unexpected(call, `${issue?.path.join('.') || 'the reply'}: ${issue?.message ?? 'not as expected'}`)
  }

  #error(code: EngineErrorCode, message: string, hint: string, cause?: unknown): EngineError {
    return new EngineError(this.#options.engine, code, message, { hint, cause })
  }

  #unexpected(call: Call<unknown>, what: string, cause?: unknown): EngineError {
    return this.#error(
      'unexpected-reply',
      `${this.#options.name} answered ${call.path} in a way that is not understood: ${what}`,
      `Check that it is ${this.#options.name} that listens at ${this.#options.url}, and its version.`,
      cause,
    )
  }

  #rejected(call: Call<unknown>, status: number, body: string): EngineError {
    const { name } = this.#options
    const cause = new HttpRejection(status, body)
    const said = messageOf(body)
    if (status === 401 || status === 403)
      return this.#error('unauthorized', `${name} refused access to ${call.path}`, 'Check user and password.', cause)
    // The gateway statuses mean that what stands behind is not there yet.
    const code = status >= 502 && status <= 504 ? 'unreachable' : 'rejected'
    return this.#error(code, `${name} refused ${call.path} with ${status}: ${said}`, 'Read what it says.', cause)
  }

  #tooSlow(call: Call<unknown>, cause: unknown): EngineError {
    const { name, url } = this.#options
    const ms = call.timeoutMs ?? defaultTimeoutMs
    return this.#error(
      'timeout',
      `${name} at ${url} did not answer within ${ms} ms`,
      'Look at its load and log.',
      cause,
    )
  }

  #unanswered(error: unknown): EngineError {
    const { engine, name, url, unreachableHint } = this.#options
    const code = errorCode(error)
    const setting = `external.${engine}`
    if (noTls.test(code))
      return this.#error(
        'unexpected-reply',
        `${name} at ${url} does not speak TLS (${code})`,
        `Check ${setting}.url in settings.json.`,
        error,
      )
    if (untrusted.test(code))
      return this.#error(
        'unauthorized',
        `${name} at ${url} cannot be trusted (${code})`,
        `Check ${setting}.tls in settings.json.`,
        error,
      )
    if (code.startsWith('HPE_'))
      return this.#error(
        'unexpected-reply',
        `What listens at ${url} does not speak HTTP`,
        `Find out which program holds that port.`,
        error,
      )
    return this.#error('unreachable', `${name} does not answer at ${url} (${code})`, unreachableHint, error)
  }
}

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes, and those of OpenSSL. */
const untrusted = /CERT|SIGNATURE|TLS|^INVALID_(CA|PURPOSE)$|^PATH_LENGTH|HOSTNAME_MISMATCH/
const noTls = /^ERR_SSL_|^EPROTO$/

const basic = ({ username, password }: Login): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** The reason inside the error bodies of Connect, Superset (`message`) and Druid (`errorMessage`, `error`), else the text itself. */
function messageOf(body: string): string {
  try {
    const value = parseExact(body) as Record<string, unknown>
    const said = value.message ?? value.errorMessage ?? value.error
    if (typeof said === 'string') return said.slice(0, excerptLength)
  } catch {
    // Plain text, as Druid sends it for unknown ids.
  }
  return body.slice(0, excerptLength) || 'no reason given'
}

function errorCode(error: unknown): string {
  if (error instanceof AggregateError) return errorCode(error.errors[0])
  if (error instanceof Error) return 'code' in error && typeof error.code === 'string' ? error.code : error.message
  return String(error)
}
