/**
 * The guard as a server of its own, for a console that is not to have the engine's socket: each request is admitted or refused as the
 * guard does it in the console, and what is sent on is what the guard has put together. Answers are streamed, and so are archives.
 * A connection that turns into another protocol (attach, exec, sessions of builds) is on no list, and refused before it is looked at.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Logger } from 'pino'
import { DockerError, explainFailure, HttpFailure } from '../errors.ts'
import { type EngineRequest, Guard, GuardError, type Scope } from '../guard/index.ts'
import { askOf, type EngineAddress, send } from '../wire.ts'

/** The longest JSON of ours, the settings of a container, has some ten kilobytes. */
const longestJson = 256 * 1024
const headersWithinMs = 15_000
/** A console follows the logs of a dozen services, asks as many things at once, and opens a connection for each. */
const mostConnections = 200

export interface GateOptions {
  readonly address: EngineAddress
  readonly scope: Scope
  readonly log: Logger
  /** How long a client may take to send a body of JSON (tests). */
  readonly jsonWithinMs?: number
}

/** Not yet listening. */
export function createGate(options: GateOptions): Server {
  const guard = new Guard(options.scope, askOf(options.address))
  const server = createServer((request, response) => {
    pass(options, guard, request, response).catch((error: unknown) => {
      if (error instanceof GuardError) tellRefusal(options.log, request, error)
      answer(response, faultOf(error, options.address))
      // What is left of an archive: a client that still sends would not read the answer.
      request.resume()
    })
  })
  const hijacked = (request: IncomingMessage, socket: NodeJS.WritableStream) => {
    const error = new GuardError('hijacked connections', 'a connection whose bytes nobody checks is never opened')
    tellRefusal(options.log, request, error)
    const { status, message } = faultOf(error, options.address)
    const body = JSON.stringify({ message })
    const head = ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`, 'connection: close']
    socket.on('error', () => {})
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('\r\n')}\r\n\r\n${body}`)
  }
  server.on('upgrade', hijacked).on('connect', hijacked)
  server.headersTimeout = headersWithinMs
  // The archive of a build takes its time; one that stands still is given up like a silent engine.
  server.requestTimeout = 0
  server.maxConnections = mostConnections
  return server
}

async function pass(
  { address, jsonWithinMs = 30_000 }: GateOptions,
  guard: Guard,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const { method = '', url = '' } = request
  const body = await bodyOf(request, jsonWithinMs)
  const admitted = await guard.admit({ method, url, body })
  gone.signal.throwIfAborted()
  // Not destroyed with the request to the engine: its answer, or why there is none, goes back over the same connection.
  const archive = body === 'stream' ? Readable.from(request.iterator({ destroyOnReturn: false })) : null
  const reply = await send(address, admitted, { archive, signal: gone.signal })
  response.writeHead(reply.statusCode ?? 502, headersOf(reply))
  // Followed logs and events may have nothing to say for hours.
  response.flushHeaders()
  await pipeline(reply, response)
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const type = headers['content-type']
  const length = headers['content-length']
  return { ...(type && { 'content-type': type }), ...(length && { 'content-length': length }) }
}

async function bodyOf(request: IncomingMessage, withinMs: number): Promise<EngineRequest['body']> {
  if (/^application\/(x-)?tar$/.test(request.headers['content-type'] ?? '')) return 'stream'
  const late = setTimeout(() => request.destroy(), withinMs)
  try {
    const parts: Buffer[] = []
    let bytes = 0
    for await (const part of request.iterator({ destroyOnReturn: false })) {
      parts.push(part as Buffer)
      bytes += (part as Buffer).length
      if (bytes > longestJson) throw new GuardError('body', `it has more than ${longestJson} bytes`)
    }
    return bytes === 0 ? null : Buffer.concat(parts).toString('utf8')
  } finally {
    clearTimeout(late)
  }
}

interface Fault {
  readonly status: number
  readonly message: string
}

/** In Docker's own words where they are the engine's. */
function faultOf(error: unknown, address: EngineAddress): Fault {
  if (error instanceof GuardError) return { status: 403, message: error.message }
  if (error instanceof HttpFailure) return { status: error.status, message: error.message }
  const explained = explainFailure(error, address)
  const late = explained instanceof DockerError && explained.code === 'timeout'
  return { status: late ? 504 : 502, message: explained.message }
}

function answer(response: ServerResponse, { status, message }: Fault): void {
  // An answer that breaks off must not look like a whole one.
  if (response.headersSent) response.destroy()
  else if (!response.destroyed) response.writeHead(status, { 'content-type': 'application/json' })
  if (!response.destroyed) response.end(JSON.stringify({ message }))
}

/** Without the query and the body: what was asked for may be long, and it may be secret. */
function tellRefusal(log: Logger, { method, url = '' }: IncomingMessage, { rule, message }: GuardError): void {
  const path = url.split('?')[0]?.slice(0, 200)
  log.warn({ rule, method, path, reason: message.slice(0, 500) }, 'refused')
}
