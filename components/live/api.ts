/** Commands go down by HTTP. Answers are JSON; refusals are problem+json and become an ApiError. */
import type { SqlPosition } from '#lib/pipeline/query.ts'

export class ApiError extends Error {
  /** HTTP status; 0 when the server could not be reached. */
  readonly status: number
  /** What to do next, where the server knows it. */
  readonly hint: string | null
  /** Where in what was sent the reason stands; both count from 1. */
  readonly position: SqlPosition | null

  constructor(status: number, message: string, hint: string | null, position: SqlPosition | null = null) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.hint = hint
    this.position = position
  }
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

function position(value: unknown): SqlPosition | null {
  const { line, column } = (typeof value === 'object' && value !== null ? value : {}) as Partial<SqlPosition>
  return typeof line === 'number' && typeof column === 'number' ? { line, column } : null
}

async function problem(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null)
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const message = text(fields.detail) ?? text(fields.title) ?? `${response.status} ${response.statusText}`
  return new ApiError(response.status, message, text(fields.hint), position(fields.position))
}

async function send(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  let response: Response
  try {
    response = await fetch(path, {
      method,
      signal,
      cache: 'no-store',
      headers: body === undefined ? undefined : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new ApiError(0, error instanceof Error ? error.message : String(error), null)
  }
  if (!response.ok) throw await problem(response)
  return response
}

/** Throws ApiError; when `signal` aborts, its reason. A reply without a body answers undefined. */
export async function call<T>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const response = await send(method, path, body, signal)
  const content = await response.text()
  return (content === '' ? undefined : JSON.parse(content)) as T
}

export interface Download {
  readonly content: Blob
  /** As the server calls it. */
  readonly name: string
  /** There was more than the server puts into one file. */
  readonly truncated: boolean
}

/** A file that is made of what is sent. Throws as `call` does. */
export async function download(path: string, body: unknown, signal: AbortSignal): Promise<Download> {
  const response = await send('POST', path, body, signal)
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? 'download'
  return { content: await response.blob(), name, truncated: response.headers.get('x-truncated') === 'true' }
}

/** Text as it arrives, for logs. Ends with the stream or with `signal`; throws ApiError. */
export async function* stream(path: string, signal: AbortSignal): AsyncGenerator<string> {
  const response = await send('GET', path, undefined, signal)
  if (response.body === null) return
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value
  } finally {
    reader.releaseLock()
  }
}
