/** Asks a service over its own protocol whether it is ready. For readiness only: engines have clients of their own. */
import { request } from 'node:http'
import { connect } from 'node:net'
import type { Readiness } from './definition.ts'

export const isReady: Readiness = { ready: true, waitsFor: null }
export const notReady = (waitsFor: string): Readiness => ({ ready: false, waitsFor })

/** Why a question found no answer, in a few words. */
export function explainSilence(error: unknown, address: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ECONNREFUSED') return `nothing listens on ${address} yet`
  if (code === 'ECONNRESET' || code === 'EPIPE') return `${address} closes the connection without an answer`
  return `no answer from ${address} yet`
}

export interface BytesQuestion {
  readonly host: string
  readonly port: number
  readonly send: Buffer
  /** Whether the answer is complete. */
  readonly enough: (answer: Buffer) => boolean
}

/** Sends bytes, resolves to the answer. Rejects with the socket's error, with the signal's reason, or when the peer hangs up early. */
export function askBytes({ host, port, send, enough }: BytesQuestion, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal })
    const parts: Buffer[] = []
    socket.on('error', reject)
    socket.on('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
    socket.on('connect', () => socket.write(send))
    socket.on('data', (part) => {
      parts.push(part)
      const answer = Buffer.concat(parts)
      if (!enough(answer) && answer.length < 65_536) return
      resolve(answer)
      socket.destroy()
    })
  })
}

export interface HttpAnswer {
  readonly status: number
  readonly body: string
}

/** GET with a connection of its own, so that nothing stays open towards a service that is about to stop. */
export function askHttp(url: string, signal: AbortSignal): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent: false, signal, headers: { accept: 'application/json' } }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        if (body.length < 65_536) body += part
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    call.on('error', reject)
    call.end()
  })
}

/** One condition of readiness: an address that must answer 200, and what is missing while it does not. */
export interface HttpCondition {
  readonly path: string
  readonly missing: string
  /** Further look at the body of a 200. */
  readonly holds?: (body: string) => boolean
}

/** Asks the conditions in order, stops at the first that does not hold. Never throws. */
export async function httpReady(
  host: string,
  port: number,
  conditions: readonly HttpCondition[],
  signal: AbortSignal,
): Promise<Readiness> {
  for (const { path, missing, holds } of conditions) {
    try {
      const { status, body } = await askHttp(`http://${host}:${port}${path}`, signal)
      if (status !== 200) return notReady(`${missing} (${path} answers ${status})`)
      if (holds !== undefined && !holds(body)) return notReady(missing)
    } catch (error) {
      return notReady(explainSilence(error, `${host}:${port}`))
    }
  }
  return isReady
}
