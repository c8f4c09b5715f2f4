import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore, type Store } from '#lib/store/index.ts'
import { Auth } from './index.ts'
import { ensureCliKey } from './tokens.ts'

const minute = 60_000
const day = 24 * 60 * minute
let dir: string
let store: Store
let auth: Auth
let now: number

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'aviary-auth-'))
  store = await openStore(join(dir, 'aviary.db'))
  now = Date.parse('2026-01-01T00:00:00Z')
  auth = new Auth({ store, cliKey: 'the-key', port: 4400, hostNames: ['aviary.test'], now: () => now })
})
afterEach(async () => {
  auth.close()
  await store.close()
  await rm(dir, { recursive: true })
})

const caller = (headers: Record<string, string>, method = 'GET') => ({
  method,
  headers: new Headers({ host: 'localhost:4400', ...headers }),
})
const enter = async (role: 'viewer' | 'operator' | 'admin' = 'admin') => {
  const { token } = await auth.createLink(role)
  const { setCookie, identity } = await auth.enter(token, 'peer')
  return { setCookie, identity, cookie: setCookie.split(';')[0] ?? '' }
}

describe('links', () => {
  it('let in once', async () => {
    const { token } = await auth.createLink('viewer')
    const { identity } = await auth.enter(token, 'peer')
    expect(identity.role).toBe('viewer')
    await expect(auth.enter(token, 'peer')).rejects.toMatchObject({ status: 401 })
  })

  it('expire after a day', async () => {
    const { token } = await auth.createLink('viewer')
    now += day
    await expect(auth.enter(token, 'peer')).rejects.toMatchObject({ status: 401 })
  })

  it('give a cookie that scripts and other sites never see', async () => {
    const { setCookie } = await enter()
    expect(setCookie).toMatch(/^aviary-4400=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=2592000$/)
  })

  const guess = (peer: string) => auth.enter('wrong', peer).catch((error: { status: number }) => error)

  it('are throttled per peer after ten wrong ones, and no more after a minute', async () => {
    for (let i = 0; i < 10; i++) expect(await guess('a')).toMatchObject({ status: 401 })
    expect(await guess('a')).toMatchObject({ status: 429, retryAfter: 60 })
    expect(await guess('b')).toMatchObject({ status: 401 })
    now += minute
    expect(await guess('a')).toMatchObject({ status: 401 })
  })

  it('count wrong ones that come at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 15 }, () => guess('a')))
    expect(answers.map((a) => ('status' in a ? a.status : 0))).toEqual([...Array(10).fill(401), ...Array(5).fill(429)])
  })

  it('let in when they are right, whatever others have guessed from the same address', async () => {
    const { token } = await auth.createLink('admin')
    for (let i = 0; i < 12; i++) await guess('a')
    expect((await auth.enter(token, 'a')).identity.role).toBe('admin')
  })
})

describe('sessions', () => {
  it('are known by their cookie, and not by another port’s', async () => {
    const { cookie, identity } = await enter('operator')
    expect(await auth.identify(caller({ cookie: `other=1; ${cookie}` }).headers)).toEqual(identity)
    expect(await auth.identify(caller({ cookie: cookie.replace('4400', '4401') }).headers)).toBeNull()
  })

  it('slide while they are used, and end after seven days without use', async () => {
    const { cookie } = await enter()
    const { headers } = caller({ cookie })
    for (let i = 0; i < 3; i++) {
      now += 6 * day
      expect(await auth.identify(headers)).not.toBeNull()
    }
    now += 7 * day
    expect(await auth.identify(headers)).toBeNull()
  })

  it('end after thirty days in any case', async () => {
    const { cookie } = await enter()
    const { headers } = caller({ cookie })
    for (let i = 0; i < 4; i++) {
      now += 6 * day
      expect(await auth.identify(headers)).not.toBeNull()
    }
    now += 6 * day
    expect(await auth.identify(headers)).toBeNull()
  })

  it('tell who listens when they are revoked or have expired', async () => {
    const ended: string[] = []
    auth.onEnd((id) => ended.push(id))
    const [a, b] = [await enter(), await enter()]
    await auth.revoke(a.identity.sessionId ?? '')
    expect(await auth.identify(caller({ cookie: a.cookie }).headers)).toBeNull()
    now += 8 * day
    await auth.sweep()
    expect(ended).toEqual([a.identity.sessionId, b.identity.sessionId])
  })

  it('leave nothing in the database that lets in', async () => {
    const { cookie } = await enter()
    const secret = cookie.split('=')[1] ?? ''
    expect(await store.sessions.find(secret)).toBeNull()
  })
})

describe('authorise', () => {
  it('refuses strangers with 401 and lesser roles with 403', async () => {
    const { cookie } = await enter('viewer')
    await expect(auth.authorise(caller({}), 'viewer')).rejects.toMatchObject({ status: 401 })
    await expect(auth.authorise(caller({ authorization: 'Bearer wrong' }), 'viewer')).rejects.toMatchObject({
      status: 401,
    })
    await expect(auth.authorise(caller({ cookie }), 'operator')).rejects.toMatchObject({ status: 403 })
    expect(await auth.authorise(caller({ cookie }), 'viewer')).toMatchObject({ role: 'viewer' })
  })

  it('knows the command line by its key', async () => {
    const identity = await auth.authorise(caller({ authorization: 'Bearer the-key' }, 'POST'), 'admin')
    expect(identity).toEqual({ who: 'cli', role: 'admin', sessionId: null, expiresAt: null })
  })

  it.each(['evil.test', 'localhost.evil.test', '', 'localhost@evil.test', '127.0.0.1.nip.io'])(
    'refuses the host %j',
    async (host) => {
      const headers = { host, authorization: 'Bearer the-key' }
      await expect(auth.authorise(caller(headers), 'viewer')).rejects.toMatchObject({ status: 421 })
    },
  )

  it.each(['localhost:4400', '127.0.0.1:8000', '[::1]:4400', 'aviary.test', 'LOCALHOST:80'])(
    'knows itself as %j',
    async (host) => {
      const headers = { host, authorization: 'Bearer the-key' }
      expect(await auth.authorise(caller(headers), 'viewer')).toMatchObject({ who: 'cli' })
    },
  )

  it.each(['http://evil.test', 'http://localhost:3000', 'null', 'http://localhost'])(
    'refuses pages of %j, also for reading',
    async (origin) => {
      const { cookie } = await enter()
      await expect(auth.authorise(caller({ cookie, origin }), 'viewer')).rejects.toMatchObject({ status: 403 })
      await expect(auth.authorise(caller({ cookie, origin }, 'POST'), 'viewer')).rejects.toMatchObject({ status: 403 })
    },
  )

  it('takes writes of its own pages only, and none with a cookie but without an origin', async () => {
    const { cookie } = await enter()
    const origin = 'http://localhost:4400'
    expect(await auth.authorise(caller({ cookie, origin }, 'POST'), 'admin')).toMatchObject({ role: 'admin' })
    await expect(auth.authorise(caller({ cookie }, 'POST'), 'viewer')).rejects.toMatchObject({ status: 403 })
  })
})

describe('the audit log', () => {
  const identity = { who: 'viewer 1', role: 'viewer', sessionId: '1', expiresAt: null } as const

  it('cuts long texts', async () => {
    await auth.audit(identity, 'thing.do', 'x'.repeat(5_000), 'y'.repeat(5_000))
    const [entry] = await store.audit.list(1)
    expect([entry?.subject?.length, entry?.outcome.length]).toEqual([500, 500])
  })

  it('takes a few refusals a minute of one caller', async () => {
    for (let i = 0; i < 12; i++) await auth.auditDenial(identity, 'thing.do', null, 'no')
    expect(await store.audit.list(100)).toHaveLength(10)
    now += minute
    await auth.auditDenial(identity, 'thing.do', null, 'no')
    expect(await store.audit.list(100)).toHaveLength(11)
  })
})

describe('the key of the command line', () => {
  it('is made once and readable by its owner only', async () => {
    const keys = await Promise.all([ensureCliKey(dir), ensureCliKey(dir), ensureCliKey(dir)])
    expect(new Set(keys).size).toBe(1)
    expect((await stat(join(dir, 'cli.key'))).mode & 0o777).toBe(0o600)
  })
})
