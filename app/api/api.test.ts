/** The routes over a real socket: who gets in, what is refused, and how errors are told. */
import { once } from 'node:events'
import { glob, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { Auth } from '#lib/auth/index.ts'
import type { Role } from '#lib/auth/roles.ts'
import { type Console, provideConsole } from '#lib/console.ts'
import { EngineError } from '#lib/engines/errors.ts'
import { Problem } from '#lib/problem.ts'
import { openStore, type Store } from '#lib/store/index.ts'
import { handle, type Params } from './handle.ts'

type Handler = (request: Request, context: { params: Promise<Params> }) => Promise<Response> | Response
type Routes = Record<string, Handler>

/** Routes of the tree by the path that a caller would use, parameters filled with `x`. */
const tree = new Map<string, Routes>()
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const added: Routes = {}
let dir: string
let store: Store
let auth: Auth
let server: Server
let url: string

async function respond(incoming: IncomingMessage, reply: ServerResponse): Promise<void> {
  const path = new URL(incoming.url ?? '/', 'http://localhost').pathname
  const routes = path === '/api/added' ? added : tree.get(path)
  const handler = routes?.[incoming.method ?? '']
  if (handler === undefined) return void reply.writeHead(routes ? 405 : 404).end()
  const body = incoming.method === 'GET' ? null : (Readable.toWeb(incoming) as ReadableStream)
  const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method,
    headers: incoming.headers as Record<string, string>,
    body,
    duplex: 'half',
  } as RequestInit)
  const params: Params = path.startsWith('/api/added') ? {} : { id: 'x', verb: 'x', name: 'x' }
  const answer = await handler(request, { params: Promise.resolve(params) })
  reply.writeHead(answer.status, Object.fromEntries(answer.headers))
  reply.end(Buffer.from(await answer.arrayBuffer()))
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'aviary-api-'))
  store = await openStore(join(dir, 'aviary.db'))
  auth = new Auth({ store, cliKey: 'the-key', port: 4400, hostNames: [] })
  const parts = { store, auth, log: pino({ enabled: false }) }
  provideConsole(Promise.resolve(parts as unknown as Console))
  for await (const file of glob('**/route.ts', { cwd: import.meta.dirname })) {
    const path = `/api/${dirname(file).replaceAll(/\[\w+\]/g, 'x')}`
    tree.set(path, (await import(join(import.meta.dirname, file))) as Routes)
  }
  server = createServer((request, reply) => void respond(request, reply)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://localhost:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.close()
  auth.close()
  await store.close()
  await rm(dir, { recursive: true })
})

const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
  fetch(url + path, { method, headers, ...(body !== undefined && { body }) })
const cli = { authorization: 'Bearer the-key' }
const enter = async (role: Role): Promise<Record<string, string>> => {
  const { token } = await auth.createLink(role)
  const reply = await ask('POST', '/api/session', { origin: url }, JSON.stringify({ token }))
  expect(reply.status).toBe(200)
  return { cookie: reply.headers.get('set-cookie')?.split(';')[0] ?? '', origin: url }
}

/** These decide by themselves: they are how one gets in. */
const open = ['POST /api/session']

describe('every route', () => {
  const guarded = async (check: (method: string, path: string) => Promise<void>) => {
    let checked = 0
    for (const [path, routes] of tree) {
      for (const method of methods.filter((m) => m in routes && !open.includes(`${m} ${path}`))) {
        await check(method, path)
        checked++
      }
    }
    // Far fewer would mean that the tree was not found.
    expect(checked).toBeGreaterThan(15)
  }

  it('answers 401 to a stranger, with a problem that says what to do', () =>
    guarded(async (method, path) => {
      const reply = await ask(method, path)
      expect([method, path, reply.status]).toEqual([method, path, 401])
      expect(reply.headers.get('content-type')).toBe('application/problem+json')
      expect(await reply.json()).toMatchObject({ status: 401, hint: expect.stringContaining('aviary token') })
    }))

  it('answers 403 to a page of another origin, even with a session', async () => {
    const { cookie = '' } = await enter('admin')
    await guarded(async (method, path) => {
      const reply = await ask(method, path, { cookie, origin: 'http://localhost:1' })
      expect([method, path, reply.status]).toEqual([method, path, 403])
    })
  })

  it('lets a viewer only look', async () => {
    const ownToThem = ['/api/session', '/api/analytics/token'] // part of looking
    const viewer = await enter('viewer')
    await guarded(async (method, path) => {
      if (method === 'GET' || ownToThem.includes(path)) return
      const body = path === '/api/runs' ? '{"file":"/x"}' : '{}'
      expect([path, (await ask(method, path, viewer, body)).status]).toEqual([path, 403])
    })
  })
})

describe('a session', () => {
  it('begins with a link, is known by its cookie, and ends', async () => {
    const headers = await enter('operator')
    const known = await ask('GET', '/api/session', headers)
    expect(await known.json()).toMatchObject({ role: 'operator', who: expect.stringMatching(/^operator /) })
    expect((await ask('DELETE', '/api/session', headers)).status).toBe(204)
    expect((await ask('GET', '/api/session', headers)).status).toBe(401)
  })

  it('is refused for a wrong link, and for a page of another origin', async () => {
    expect((await ask('POST', '/api/session', {}, '{"token":"wrong"}')).status).toBe(401)
    const { token } = await auth.createLink('admin')
    const foreign = await ask('POST', '/api/session', { origin: 'http://evil.test' }, JSON.stringify({ token }))
    expect(foreign.status).toBe(403)
    expect((await ask('POST', '/api/session', {}, JSON.stringify({ token }))).status).toBe(200)
  })
})

describe('sessions', () => {
  it('are listed for an admin, who can end them', async () => {
    const victim = await enter('viewer')
    const [newest] = (await (await ask('GET', '/api/sessions', cli)).json()) as { id: string; role: string }[]
    expect(newest).toMatchObject({ role: 'viewer' })
    expect(JSON.stringify(newest)).not.toContain('hash')
    const reply = await fetch(`${url}/api/sessions/x`, { method: 'DELETE', headers: cli })
    expect(reply.status).toBe(404)
    await auth.revoke(newest?.id ?? '')
    expect((await ask('GET', '/api/session', victim)).status).toBe(401)
  })
})

describe('acts', () => {
  it('are recorded with who, what and how they ended', async () => {
    const { path } = (await (await ask('POST', '/api/links', cli, '{"role":"viewer"}')).json()) as { path: string }
    expect(path).toMatch(/^\/enter#[\w-]{43}$/)
    added.POST = handle({ role: 'admin', act: 'thing.break', subject: () => 'it' }, async () => {
      throw new Problem(409, 'It is broken already')
    })
    await ask('POST', '/api/added', cli)
    const entries = (await (await ask('GET', '/api/audit?limit=2', cli)).json()) as object[]
    expect(entries).toMatchObject([
      { who: 'cli', role: 'admin', act: 'thing.break', subject: 'it', outcome: 'It is broken already' },
      { who: 'cli', act: 'link.create', subject: 'viewer', outcome: 'done' },
    ])
  })
})

describe('the record of acts', () => {
  const latest = async () => ((await (await ask('GET', '/api/audit?limit=1', cli)).json()) as object[])[0]

  it('has those that were refused to a role', async () => {
    await ask('POST', '/api/services/x/x', await enter('viewer'))
    const outcome = 'This needs the role operator; this session has viewer'
    expect(await latest()).toMatchObject({ role: 'viewer', act: 'service.x', subject: 'x x x', outcome })
  })

  it('tells no more of a fault than the caller was told', async () => {
    added.POST = handle({ role: 'admin', act: 'thing.fail' }, () => Promise.reject(new Error('secret path')))
    await ask('POST', '/api/added', cli)
    expect(await latest()).toMatchObject({ act: 'thing.fail', outcome: expect.not.stringContaining('secret') })
  })

  it('changes nothing about an act when it cannot be written', async () => {
    const write = vi.spyOn(store.audit, 'write').mockRejectedValue(new Error('the disk is full'))
    added.POST = handle({ role: 'admin', act: 'thing.do' }, async () => ({ did: 'it' }))
    expect(await (await ask('POST', '/api/added', cli)).json()).toEqual({ did: 'it' })
    expect((await ask('POST', '/api/services/x/x', await enter('viewer'))).status).toBe(403)
    expect(write).toHaveBeenCalledTimes(3)
    write.mockRestore()
  })
})

describe('bodies', () => {
  beforeAll(() => {
    const body = z.object({ n: z.number() })
    added.PUT = handle({ role: 'viewer', act: 'thing.put', body }, async (call) => ({ got: call.body.n }))
  })

  it.each([
    { what: 'valid', body: '{"n":1}', status: 200 },
    { what: 'of another shape', body: '{"n":"1"}', status: 422 },
    { what: 'absent', body: '', status: 422 },
    { what: 'no JSON', body: '{', status: 400 },
    { what: 'too large', body: JSON.stringify({ n: 1, long: 'x'.repeat(70_000) }), status: 413 },
  ])('that are $what are answered with $status', async ({ body, status }) => {
    expect((await ask('PUT', '/api/added', cli, body)).status).toBe(status)
  })

  it('are told what is wrong with them', async () => {
    const reply = await ask('PUT', '/api/added', cli, '{"n":"1"}')
    expect(await reply.json()).toMatchObject({ status: 422, detail: expect.stringContaining('n') })
  })
})

describe('errors', () => {
  const refuse = async (error: unknown) => {
    added.GET = handle({ role: 'viewer' }, async () => {
      throw error
    })
    const reply = await ask('GET', '/api/added', cli)
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown>, headers: reply.headers }
  }

  it.each([
    ['unreachable', 503],
    ['timeout', 504],
    ['rejected', 409],
    ['unexpected-reply', 502],
    ['unauthorized', 502],
  ] as const)('of an engine, %s, become %i and keep their hint', async (code, status) => {
    const answer = await refuse(new EngineError('kafka', code, 'Kafka said no', { hint: 'Start it' }))
    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ status, detail: 'Kafka said no', hint: 'Start it' })
  })

  it('of ours keep their status and tell when to come again', async () => {
    const answer = await refuse(new Problem(429, 'Slowly', { retryAfter: 7 }))
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7'])
  })

  it('that nobody expected tell nothing of the inside', async () => {
    const answer = await refuse(new Error('secret path /root/x'))
    expect(answer.status).toBe(500)
    expect(JSON.stringify(answer.body)).not.toContain('secret')
  })
})
