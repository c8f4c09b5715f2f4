/** HTTP to a Docker engine: what the guard has admitted goes over it, for dockerode here and for the gate's clients. */
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { HttpFailure } from './errors.ts'
import type { AdmittedRequest, Ask } from './guard/index.ts'

/** Where an engine listens: a socket of this machine, or TCP with both sides proven by certificates (PEM texts). */
export type EngineAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number; readonly ca: string; readonly cert: string; readonly key: string }

/** Longer than a busy engine takes to answer a question; streams and builds have no limit after their first byte. */
const silenceMs = 120_000

/** How a guard asks this engine who owns what. */
export const askOf =
  (address: EngineAddress): Ask =>
  async (path) => {
    const response = await send(address, { method: 'GET', path, body: null }, {})
    if (response.statusCode !== 200) throw await failure(response)
    return JSON.parse((await collect(response)).toString('utf8'))
  }

interface Extras {
  readonly archive?: Readable | null
  readonly signal?: AbortSignal | undefined
  /** For the registry that an image is pulled from; the engine wants it as a header. Secret. */
  readonly registryAuth?: object | undefined
}

/** Resolves once the answer begins. A connection of its own for each request: some stay open for hours. */
export function send(
  address: EngineAddress,
  { method, path, body }: AdmittedRequest,
  extras: Extras,
): Promise<IncomingMessage> {
  const { archive = null, signal, registryAuth } = extras
  const headers = { ...headersOf(body), ...(registryAuth && { 'x-registry-auth': encoded(registryAuth) }) }
  const options: RequestOptions = { ...address, method, path, agent: false, signal, headers }
  return new Promise((resolve, reject) => {
    const call = 'host' in address ? httpsRequest(options) : httpRequest(options)
    call.setTimeout(silenceMs, () => call.destroy(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' })))
    call.on('error', reject)
    call.on('response', (response) => {
      call.setTimeout(0)
      resolve(response)
    })
    if (archive === null) call.end(body ?? undefined)
    else pipeline(archive, call).catch(reject)
  })
}

/** As Go's base64.URLEncoding reads it: with its padding, which Node's base64url leaves out. */
const encoded = (value: object): string =>
  Buffer.from(JSON.stringify(value)).toString('base64').replaceAll('+', '-').replaceAll('/', '_')

function headersOf(body: AdmittedRequest['body']): RequestOptions['headers'] {
  if (body === null) return {}
  if (body === 'stream') return { 'content-type': 'application/x-tar' }
  return { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
}

export async function collect(response: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** Why an answer is not the one that was hoped for. */
export async function failure(response: IncomingMessage): Promise<HttpFailure> {
  const text = (await collect(response)).toString('utf8')
  let message = text.trim()
  try {
    message = String((JSON.parse(text) as { message?: unknown }).message ?? message)
  } catch {
    // Not JSON: the text itself is the reason.
  }
  return new HttpFailure(response.statusCode ?? 0, message)
}
