/** Asks a service over its own protocol whether it is ready. For readiness only: engines have clients of their own. */
import { request } from 'node:http'
import { connect } from 'node:net'
import type { Address, Readiness } from './definition.ts'

/** Longer answers are cut: they are for people. */
const longestAnswer = 120

const shortened = (answer: string): string => {
  const line = answer.trim().replace(/\s+/g, ' ')
  return line.length > longestAnswer ? `${line.slice(0, longestAnswer)}…` : line
}

export const isReady = (asked: string, answer: string): Readiness => ({
  ready: true,
  waitsFor: null,
  asked,
  answer: shortened(answer),
})

export const notReady = (waitsFor: string, asked: string, answer: string | null): Readiness => ({
  ready: false,
  waitsFor,
  asked,
  answer: answer === null ? null : shortened(answer),
})

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

/** Asks the conditions in order, stops at the first that does not hold, and tells the last that was asked. Never throws. */
export async function httpReady(
  { host, port }: Address,
  conditions: readonly HttpCondition[],
  signal: AbortSignal,
): Promise<Readiness> {
  let last = isReady(`${host}:${port}`, '')
  for (const { path, missing, holds } of conditions) {
    const asked = `GET http://${host}:${port}${path}`
    try {
      const { status, body } = await askHttp(`http://${host}:${port}${path}`, signal)
      const answer = `${status} ${body}`
      if (status !== 200) return notReady(`${missing} (${path} answers ${status})`, asked, answer)
      if (holds !== undefined && !holds(body)) return notReady(missing, asked, answer)
      last = isReady(asked, answer)
    } catch (error) {
      return notReady(explainSilence(error, `${host}:${port}`), asked, null)
    }
  }
  return last
}
