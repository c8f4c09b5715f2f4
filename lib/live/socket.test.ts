/** The websocket at the wire: a real server, spoken to in the protocol's own packets. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Auth } from '#lib/auth/index.ts'
import { TapFeed } from '#lib/messages/feed.ts'
import { nothingKnown, type Overview } from '#lib/pipeline/snapshot.ts'
import { openStore, type Store } from '#lib/store/index.ts'
import { Hub } from './hub.ts'
import { attachSockets, type Sockets } from './socket.ts'
import { DeafClient, Page } from './socket-clients.ts'

const overview = nothingKnown

let dir: string
let store: Store
let auth: Auth
let hub: Hub
let sockets: Sockets
let server: Server
let host: string
let change: (changes: Partial<Overview>) => void
let opened: number

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'aviary-socket-'))
  store = await openStore(join(dir, 'aviary.db'))
  auth = new Auth({ store, cliKey: 'key', port: 1, hostNames: [] })
  hub = new Hub({
    overview: () => overview,
    onChange: (listener) => {
      change = listener
      return () => undefined
    },
  })
  opened = 0
  const feed = (source: 'kafka' | 'mosquitto') =>
    new TapFeed({
      source,
      topic: 'tweets',
      open: async () => {
        opened++
        return { close: async () => void opened-- }
      },
    })
  server = createServer().listen(0, '127.0.0.1')
  sockets = attachSockets(server, { auth, hub, feeds: { kafka: feed('kafka'), mosquitto: feed('mosquitto') } })
  await once(server, 'listening')
  host = `localhost:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  hub.close()
  await sockets.close()
  auth.close()
  await store.close()
  await rm(dir, { recursive: true })
})

const session = async (role: 'viewer' | 'admin' = 'viewer') => {
  const { token } = await auth.createLink(role)
  const { setCookie, identity } = await auth.enter(token, 'peer')
  return { identity, headers: { cookie: setCookie.split(';')[0] ?? '', origin: `http://${host}` } }
}
const enterPage = async () => {
  const { headers, identity } = await session()
  const page = new Page(host, headers)
  await vi.waitUntil(() => page.joined, 20_000)
  return { page, identity }
}

describe('connecting', () => {
  it('is refused without a session', async () => {
    const page = new Page(host, { origin: `http://${host}` })
    await vi.waitUntil(() => page.refused !== null, 20_000)
    expect(page.refused).toBe('This needs a session')
    await vi.waitUntil(() => page.closed, 20_000)
  })

  it('leaves room for pages with a session, however many strangers come', async () => {
    const strangers = Array.from({ length: 220 }, () => new Page(host, { origin: `http://${host}` }))
    const { page } = await enterPage()
    expect(await page.ask('overview:subscribe')).toEqual({ ok: true })
    await vi.waitUntil(() => strangers.every((stranger) => stranger.closed), 20_000)
    page.close()
  })

  it('is refused to a session that has too many pages open, until one is closed', async () => {
    const { headers } = await session()
    const pages = Array.from({ length: 41 }, () => new Page(host, headers))
    await vi.waitUntil(() => pages.filter((page) => page.closed).length === 1 && sockets.figures().open === 40, 20_000)
    const { page } = await enterPage()
    page.close()
    pages.find((each) => !each.closed)?.close()
    await vi.waitUntil(() => sockets.figures().open === 39, 20_000)
    const late = new Page(host, headers)
    await vi.waitUntil(() => sockets.figures().open === 40, 20_000)
    for (const each of [...pages, late]) each.close()
  })

  it.each([{ origin: 'http://evil.test' }, { origin: 'http://localhost:1' }])(
    'is refused at the upgrade for a page of $origin, even with a session',
    async (origin) => {
      const { headers } = await session('admin')
      const page = new Page(host, { ...headers, ...origin })
      await vi.waitUntil(() => page.closed, 20_000)
      expect(sockets.figures().open).toBe(0)
    },
  )
})

describe('the overview', () => {
  it('comes whole first, then by numbered deltas', async () => {
    const { page } = await enterPage()
    expect(await page.ask('overview:subscribe')).toEqual({ ok: true })
    await vi.waitUntil(() => page.events.length === 1, 20_000)
    change({ connectors: [] })
    await vi.waitUntil(() => page.events.length === 2, 20_000)
    const [whole, delta] = page.events.map(([name, payload]) => ({ name, payload }))
    expect(whole).toMatchObject({ name: 'overview:whole', payload: { overview } })
    const seq = hub.whole().seq
    expect(whole).toMatchObject({ payload: { seq: seq - 1 } })
    expect(delta).toMatchObject({ name: 'overview:delta', payload: { seq, changes: { connectors: [] } } })
    page.close()
  })
})

describe('a page that asks for the overview again and again', () => {
  it('is answered each time, and gets the whole at once and then once a second', async () => {
    const { page } = await enterPage()
    const find = vi.spyOn(store.sessions, 'find')
    for (let i = 0; i < 50; i++) page.send('overview:subscribe')
    await vi.waitUntil(() => page.replies.length === 50, 20_000)
    // A slow machine may take longer than a second for all of them.
    expect(page.events.length).toBeLessThan(5)
    expect(find).toHaveBeenCalledTimes(1)
    page.send('overview:subscribe')
    const before = page.events.length
    await vi.waitUntil(() => page.events.length > before, 20_000)
    expect(new Set(page.names())).toEqual(new Set(['overview:whole']))
    page.close()
  })

  it('loses its line when it does not read the answers', async () => {
    const { headers } = await session()
    const client = new DeafClient(host)
    await client.join({ ...headers, host })
    await vi.waitUntil(() => sockets.figures().open === 1, 20_000)
    client.flood()
    await vi.waitUntil(() => sockets.figures().open === 0, 20_000)
    client.close()
  }, 30_000)
})

describe('taps', () => {
  it.each([[['kafka']], [{ toString: 1 }], ['toString'], [null], [7]])('that are named %j are none', async (name) => {
    const { page } = await enterPage()
    page.tell('tap:close', name)
    page.tell('tap:open', name)
    page.tell('tap:open', 'kafka', 'no function')
    page.tell('tap:close')
    page.tell('overview:subscribe', name)
    expect(await page.ask('tap:open', name)).toEqual({ ok: false, error: 'There is no such tap' })
    expect(opened).toBe(0)
    page.close()
  })

  it('are held once a page, however often they are opened', async () => {
    const { page } = await enterPage()
    for (let i = 0; i < 20; i++) page.send('tap:open', 'kafka')
    await vi.waitUntil(() => page.replies.length === 20, 20_000)
    expect(opened).toBe(1)
    page.send('tap:close', 'kafka')
    await vi.waitUntil(() => opened === 0, 20_000)
    page.close()
  })

  it('are opened once for all pages, and closed when the last has gone', async () => {
    const [a, b] = [await enterPage(), await enterPage()]
    expect(await a.page.ask('tap:open', 'kafka')).toEqual({ ok: true })
    expect(await b.page.ask('tap:open', 'kafka')).toEqual({ ok: true })
    expect(await a.page.ask('tap:open', 'nothing')).toEqual({ ok: false, error: 'There is no such tap' })
    expect(opened).toBe(1)
    a.page.send('tap:close', 'kafka')
    b.page.close()
    await vi.waitUntil(() => opened === 0, 20_000)
    a.page.close()
  })
})

describe('a revoked session', () => {
  it('is told so and loses its sockets, others keep theirs', async () => {
    const [a, b] = [await enterPage(), await enterPage()]
    await auth.revoke(a.identity.sessionId ?? '')
    await vi.waitUntil(() => a.page.closed, 20_000)
    expect(a.page.names()).toContain('session:end')
    expect(await b.page.ask('overview:subscribe')).toEqual({ ok: true })
    b.page.close()
  })

  it('cannot subscribe by an event that was on its way', async () => {
    const { page, identity } = await enterPage()
    await store.sessions.remove(identity.sessionId ?? '')
    expect(await page.ask('overview:subscribe')).toEqual({ ok: false, error: 'This needs a session' })
    page.close()
  })
})
