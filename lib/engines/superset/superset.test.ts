import { createServer, type IncomingMessage, type Server } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mark, readAssets } from './assets.ts'
import { createSuperset, origins, type SupersetEngine } from './index.ts'
import { databasePlaces } from './places.ts'

const hiveUri = 'hive://reader@127.0.0.1:10000/aviary'
const druid = { url: 'http://druid:8888', login: { username: 'u', password: 'of-druid' } }
const never = new AbortController().signal

interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
type Answer = { status?: number; body: unknown; cookie?: string }

let server: Server
let superset: SupersetEngine
let asked: Asked[]
let answer: (asked: Asked) => Answer
let signedIn: number

/** As Superset signs in and guards its writes; everything else is `answer`. */
function standard(request: Asked): Answer {
  if (request.path === '/api/v1/security/login') {
    const { username, password } = JSON.parse(request.body) as Record<string, string>
    if (password !== `secret superset-${username === 'admin' ? 'admin' : 'broker'}-password`)
      return { status: 401, body: { message: 'Not authorized' } }
    signedIn += 1
    return { body: { access_token: `${username}-${signedIn}`, extra: true } }
  }
  if (request.path === '/api/v1/security/csrf_token/')
    return { body: { result: 'csrf-1' }, cookie: 'aviary_superset=abc; HttpOnly; Path=/' }
  return answer(request)
}

beforeEach(async () => {
  asked = []
  signedIn = 0
  answer = () => ({ status: 500, body: { message: 'nobody told what to answer' } })
  server = createServer(async (request, reply) => {
    let body = ''
    for await (const part of request.setEncoding('latin1')) body += part
    const path = decodeURIComponent(request.url ?? '')
    const one = { method: request.method ?? '', path, headers: request.headers, body }
    asked.push(one)
    const { status = 200, body: said, cookie } = standard(one)
    if (cookie !== undefined) reply.setHeader('set-cookie', cookie)
    reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const url = `http://127.0.0.1:${port}`
  superset = createSuperset({ url, secret: (name) => `secret ${name}`, origins: origins(4400), druid, hiveUri })
})
afterEach(async () => {
  await superset.close()
  server.closeAllConnections()
  server.close()
})

const paths = () => asked.map(({ path }) => path)
const embedding = (uuid: string) => ({ body: { result: { uuid, allowed_domains: origins(4400) } } })
const listOf = (path: string, details: string | null): Answer => {
  const slug = /value:(\w+)/.exec(path)?.[1] ?? ''
  return { body: { result: [{ slug, dashboard_title: `Title of ${slug}`, certification_details: details }] } }
}

describe('provisioning', () => {
  it('imports and allows embedding once, and later changes nothing', async () => {
    const there = new Set<string>()
    let details: string | null = null
    answer = ({ method, path, body }) => {
      const slug = /(live|personality)/.exec(path)?.[1] ?? ''
      if (path === '/api/v1/assets/import/') {
        details = mark(readAssets(databasePlaces(druid, hiveUri), 'secret superset-key').hash)
        return { body: { message: 'OK' } }
      }
      if (path.endsWith('/embedded') && method === 'POST') {
        there.add(slug)
        expect(JSON.parse(body)).toEqual({ allowed_domains: ['http://localhost:4400', 'http://127.0.0.1:4400'] })
      }
      if (path.endsWith('/embedded'))
        return there.has(slug) ? embedding(`uuid-${slug}`) : { status: 404, body: { message: 'Not found' } }
      return details === null ? { body: { result: [] } } : listOf(path, details)
    }
    const first = await superset.provision(never)
    expect(first.map(({ subject, action }) => `${subject} ${action}`)).toEqual([
      'dashboard live created',
      'dashboard personality created',
      'embedding of live created',
      'embedding of personality created',
    ])
    const upload = asked.find(({ path }) => path === '/api/v1/assets/import/')
    expect(upload?.headers).toMatchObject({
      authorization: 'Bearer admin-1',
      'x-csrftoken': 'csrf-1',
      cookie: 'aviary_superset=abc',
      'content-type': expect.stringContaining('multipart/form-data'),
    })
    expect(upload?.body).toContain('{"databases/druid.yaml":"of-druid"}')
    asked = []
    expect((await superset.provision(never)).every(({ action }) => action === 'unchanged')).toBe(true)
    expect(asked.every(({ method }) => method === 'GET')).toBe(true)
  })

  it('imports again what Superset was given by an older console', async () => {
    answer = ({ path }) => {
      if (path.endsWith('/embedded')) return embedding('uuid')
      return path.includes('?q=') ? listOf(path, 'aviary 0123') : { body: { message: 'OK' } }
    }
    const changes = await superset.provision(never)
    expect(changes.map(({ action }) => action)).toEqual(['updated', 'updated', 'unchanged', 'unchanged'])
    expect(paths()).toContain('/api/v1/assets/import/')
  })
})

describe('a guest', () => {
  beforeEach(() => {
    answer = ({ path, headers }) => {
      if (path.endsWith('/embedded')) return embedding('uuid-live')
      return headers.authorization === 'Bearer aviary-broker-2'
        ? { body: { token: 'guest' } }
        : { status: 403, body: { message: 'Forbidden' } }
    }
  })

  it('gets a token for one dashboard, from an account that can do nothing else', async () => {
    expect(await superset.guestToken({ dashboard: 'live', user: 'Ana', signal: never })).toBe('guest')
    const { body, headers } = asked.at(-1) ?? { body: '', headers: {} }
    expect(JSON.parse(body)).toMatchObject({
      user: { username: 'Ana' },
      resources: [{ type: 'dashboard', id: 'uuid-live' }],
    })
    expect(headers.cookie).toBeUndefined()
  })

  it('gets none for a dashboard that is not offered', async () => {
    const request = { dashboard: 'somebody-elses', user: 'Ana', signal: never }
    await expect(superset.guestToken(request)).rejects.toMatchObject({ code: 'rejected' })
    expect(asked).toEqual([])
  })
})

describe('an account', () => {
  const look = () => superset.dashboards(never)

  it('signs in once, and again when its token has ended', async () => {
    const good = ['Bearer admin-1']
    answer = ({ path, headers }) => {
      if (!good.includes(headers.authorization ?? '')) return { status: 401, body: { msg: 'Token has expired' } }
      return path.endsWith('/embedded') ? embedding('uuid') : listOf(path, null)
    }
    expect(await look()).toEqual([
      { slug: 'live', title: 'Title of live', uuid: 'uuid' },
      { slug: 'personality', title: 'Title of personality', uuid: 'uuid' },
    ])
    await look()
    expect(signedIn).toBe(1)
    good.splice(0, 1, 'Bearer admin-2')
    expect(await look()).toHaveLength(2)
    expect(signedIn).toBe(2)
  })

  it('does not try for ever', async () => {
    answer = () => ({ status: 401, body: { msg: 'never' } })
    await expect(look()).rejects.toMatchObject({ code: 'unauthorized' })
    expect(signedIn).toBe(1)
  })

  it('that is not let in says what to do', async () => {
    const wrong = createSuperset({
      url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
      secret: () => 'another',
      origins: [],
      ...{ druid, hiveUri },
    })
    const error = await wrong.dashboards(never).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'unauthorized', hint: expect.stringContaining('start the service superset') })
    expect(String(error)).not.toContain('another')
    await wrong.close()
  })
})

it('is degraded, part by part, while dashboards are missing', async () => {
  answer = ({ path }) => (path.includes('value:live') ? listOf(path, null) : { body: { result: [] } })
  expect(await superset.probe(never)).toMatchObject({
    state: 'degraded',
    reason: 'Dashboards do not exist yet: personality.',
    parts: [
      { part: 'dashboard live', state: 'up' },
      { part: 'dashboard personality', state: 'degraded' },
    ],
  })
})
