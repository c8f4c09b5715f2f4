/** Headers that every reply carries, and the nonce that lets only our own scripts run. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { browserHosts } from './origins.ts'

/** Styles may be inline: the components' positions are inline styles, and a style runs no code. */
const contentSecurityPolicy = (nonce: string, framePort: number): string =>
  [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    `frame-src ${browserHosts.map((name) => `http://${name}:${framePort}`).join(' ')}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')

const fixed: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
}

/**
 * Sets the headers of the reply, and on the request what Next reads while it renders: the policy with its nonce
 * (for its own scripts) and `x-nonce` (for ours). Overwrites what a client may have sent under these names.
 * Pages may frame what listens on `framePort` of this machine, which is Superset.
 */
export function secureHeaders(request: IncomingMessage, response: ServerResponse, framePort: number): void {
  const nonce = randomBytes(16).toString('base64')
  const policy = contentSecurityPolicy(nonce, framePort)
  request.headers['content-security-policy'] = policy
  request.headers['x-nonce'] = nonce
  request.headers['x-forwarded-for'] = request.socket.remoteAddress ?? ''
  response.setHeader('content-security-policy', policy)
  for (const [name, value] of Object.entries(fixed)) response.setHeader(name, value)
}
