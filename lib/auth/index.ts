/** Who is calling and what they may do: one-time links become sessions, the command line has a key, every act is on record. */

import { Problem } from '#lib/problem.ts'
import type { Store } from '#lib/store/index.ts'
import { isOwnHost, isOwnOrigin } from './origins.ts'
import { allows, Role } from './roles.ts'
import { Throttle } from './throttle.ts'
import { hashToken, newToken, sameToken } from './tokens.ts'

const minute = 60_000
const day = 24 * 60 * minute
const linkLifeMs = day
/** A session ends after this long without use … */
const idleMs = 7 * day
/** … and after this long in any case. */
const sessionLifeMs = 30 * day
/** How stale `lastSeenAt` may get, so that reading does not mean writing. */
const touchMs = 5 * minute
/** Texts of the audit log come from callers too; longer ones are cut. */
const auditChars = 500

export interface Identity {
  /** Name in the audit log: `cli`, `admin 3f9a1c`. */
  readonly who: string
  readonly role: Role
  /** null for the command line. */
  readonly sessionId: string | null
  readonly expiresAt: number | null
}

/** The part of a request that decides who it is; route handlers and the websocket upgrade both have it. */
export interface Caller {
  readonly method: string
  readonly headers: Headers
}

export interface AuthOptions {
  readonly store: Pick<Store, 'sessions' | 'links' | 'audit'>
  readonly cliKey: string
  /** Browsers share cookies between ports, so the port is part of the cookie's name. */
  readonly port: number
  /** Names of this console beyond the loopback ones. */
  readonly hostNames: readonly string[]
  readonly now?: () => number
}

export class Auth {
  readonly #store: AuthOptions['store']
  readonly #cliKeyHash: string
  readonly #cookie: string
  readonly #hostNames: readonly string[]
  readonly #now: () => number
  readonly #throttle = new Throttle({ failures: 10, windowMs: minute })
  readonly #denials = new Throttle({ failures: 10, windowMs: minute })
  readonly #ended = new Set<(sessionId: string) => void>()
  readonly #sweeper: NodeJS.Timeout

  constructor(options: AuthOptions) {
    this.#store = options.store
    this.#cliKeyHash = hashToken(options.cliKey)
    this.#cookie = `aviary-${options.port}`
    this.#hostNames = options.hostNames
    this.#now = options.now ?? Date.now
    this.#sweeper = setInterval(() => this.sweep().catch(() => undefined), minute).unref()
  }

  /** A token for `/enter?token=…` that works once within 24 hours. */
  async createLink(role: Role): Promise<{ token: string; expiresAt: number }> {
    const token = newToken()
    const now = this.#now()
    const expiresAt = now + linkLifeMs
    await this.#store.links.create({
      id: newToken().slice(0, 12),
      tokenHash: hashToken(token),
      role,
      createdAt: new Date(now),
      expiresAt: new Date(expiresAt),
    })
    return { token, expiresAt }
  }

  /**
   * Turns a link's token into a session. `peer` is the address that is slowed down when it guesses; behind a tunnel all share one,
   * so a valid link is let in whatever others have tried. Throws Problem 401, 429.
   */
  async enter(token: string, peer: string): Promise<{ identity: Identity; setCookie: string }> {
    const now = this.#now()
    const wait = this.#throttle.wait(peer, now)
    // Before the answer is known, so that guesses made at the same time count too.
    this.#throttle.fail(peer, now)
    const link = await this.#store.links.redeem(hashToken(token), new Date(now))
    if (link === null) throw wrongLink(wait)
    this.#throttle.clear(peer)
    const secret = newToken()
    const session = {
      id: newToken().slice(0, 12),
      role: link.role,
      createdAt: new Date(now),
      lastSeenAt: new Date(now),
      expiresAt: new Date(now + idleMs),
    }
    await this.#store.sessions.create({ ...session, tokenHash: hashToken(secret) })
    const attributes = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${sessionLifeMs / 1000}`
    return { identity: toIdentity(session), setCookie: `${this.#cookie}=${secret}; ${attributes}` }
  }

  /** Who is calling; null for a stranger. */
  async identify(headers: Headers): Promise<Identity | null> {
    const bearer = /^Bearer (\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
    if (bearer !== undefined) {
      return sameToken(bearer, this.#cliKeyHash)
        ? { who: 'cli', role: 'admin', sessionId: null, expiresAt: null }
        : null
    }
    const secret = readCookie(headers.get('cookie') ?? '', this.#cookie)
    return secret === null ? null : this.#session(secret)
  }

  /** Throws Problem 401, 403 or 421; every route and socket event asks. */
  async authorise(caller: Caller, needed: Role): Promise<Identity> {
    this.checkOrigin(caller)
    const identity = await this.identify(caller.headers)
    if (identity === null) {
      throw new Problem(401, 'This needs a session', { hint: 'Open a link from: aviary token' })
    }
    if (!allows(identity.role, needed)) {
      throw new Problem(403, `This needs the role ${needed}; this session has ${identity.role}`)
    }
    return identity
  }

  /** Throws Problem unless the request names this console and, where it comes from a page, a page of its own. */
  checkOrigin({ method, headers }: Caller): void {
    const host = headers.get('host')
    if (!isOwnHost(host, this.#hostNames)) throw new Problem(421, `This console is not known as ${host ?? 'nothing'}`)
    const origin = headers.get('origin')
    if (origin !== null && !isOwnOrigin(origin, host)) throw new Problem(403, `Pages of ${origin} may not ask this`)
    // Browsers name the origin of every write; a cookie without one is not from a browser we know.
    const writes = method !== 'GET' && method !== 'HEAD'
    if (writes && origin === null && headers.has('cookie'))
      throw new Problem(403, 'A write with a cookie needs an Origin')
  }

  /** Ends a session and closes its sockets. Whether it existed. */
  async revoke(sessionId: string): Promise<boolean> {
    const existed = await this.#store.sessions.remove(sessionId)
    for (const listener of this.#ended) listener(sessionId)
    return existed
  }

  /** The cookie that makes a browser forget its session. */
  clearedCookie(): string {
    return `${this.#cookie}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`
  }

  /** Told of each session that ends, by whatever way. Returns the unsubscribe. */
  onEnd(listener: (sessionId: string) => void): () => void {
    this.#ended.add(listener)
    return () => this.#ended.delete(listener)
  }

  async audit(identity: Identity, act: string, subject: string | null, outcome: string): Promise<void> {
    const { who, role } = identity
    const texts = { act: cut(act), subject: subject === null ? null : cut(subject), outcome: cut(outcome) }
    await this.#store.audit.write({ at: new Date(this.#now()), who, role, ...texts })
  }

  /** As `audit`, for what somebody may not do. A few a minute: the log is bounded, and refusals must not push the acts out of it. */
  async auditDenial(identity: Identity, act: string, subject: string | null, outcome: string): Promise<void> {
    const now = this.#now()
    if (this.#denials.wait(identity.who, now) > 0) return
    this.#denials.fail(identity.who, now)
    await this.audit(identity, act, subject, outcome)
  }

  /** Forgets what has expired. */
  async sweep(): Promise<void> {
    const now = new Date(this.#now())
    await this.#store.links.removeExpired(now)
    for (const id of await this.#store.sessions.removeExpired(now)) {
      for (const listener of this.#ended) listener(id)
    }
  }

  close(): void {
    clearInterval(this.#sweeper)
  }

  async #session(secret: string): Promise<Identity | null> {
    const session = await this.#store.sessions.find(hashToken(secret))
    const now = this.#now()
    if (session === null || session.expiresAt.getTime() <= now) return null
    if (now - session.lastSeenAt.getTime() < touchMs) return toIdentity(session)
    const expiresAt = new Date(Math.min(now + idleMs, session.createdAt.getTime() + sessionLifeMs))
    await this.#store.sessions.touch(session.id, new Date(now), expiresAt)
    return toIdentity({ ...session, expiresAt })
  }
}

const cut = (text: string): string => (text.length > auditChars ? `${text.slice(0, auditChars - 1)}…` : text)

function wrongLink(wait: number): Problem {
  const retryAfter = Math.ceil(wait / 1000)
  return retryAfter > 0
    ? new Problem(429, `Too many wrong links from here: wait ${retryAfter} s`, { retryAfter })
    : new Problem(401, 'This link is unknown, used or expired', { hint: 'Make a new one with: aviary token' })
}

function toIdentity(session: { readonly id: string; readonly role: string; readonly expiresAt: Date }): Identity {
  const role = Role.parse(session.role)
  const who = `${role} ${session.id.slice(0, 6)}`
  return { who, role, sessionId: session.id, expiresAt: session.expiresAt.getTime() }
}

function readCookie(header: string, name: string): string | null {
  for (const pair of header.split(';')) {
    const [key, value] = pair.trim().split('=', 2)
    if (key === name && value) return value
  }
  return null
}
