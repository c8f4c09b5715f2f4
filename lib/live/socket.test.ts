/** The websocket at the wire: a real server, spoken to in the protocol's own packets. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'undici'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Auth } from '#lib/auth/index.ts'
import { TapFeed } from '#lib/messages/feed.ts'
import type { Overview } from '#lib/pipeline/snapshot.ts'
import { openStore, type Store } from '#lib/store/index.ts'
import { Hub } from './hub.ts'
import { attachSockets, type Sockets } from './socket.ts'

const overview: Overview = {
  stack: { phase: 'stopped', services: [], steps: [], faults: [], startedAt: null, readyAfterMs: null, reason: null },
  stages: [],
  connectors: null,
  supervisors: null,
  run: null,
}

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

/** A page: keeps every event it was sent. */
class Page {
  readonly events: [name: string, payload: unknown][] = []
  readonly replies: unknown[] = []
  refused: string | null = null
  closed = false
  readonly #socket: WebSocket

  constructor(headers: Record<string, string>) {
    this.#socket = new WebSocket(`ws://${host}/socket.io/?EIO=4&transport=websocket`, { headers })
    this.#socket.addEventListener('message', ({ data }) => this.#read(String(data)))
    this.#socket.addEventListener('error', () => undefined)
    this.#socket.addEventListener('close', () => {
      this.closed = true
    })
  }

  #read(packet: string): void {
    if (packet.startsWith('0')) this.#socket.send('40')
    else if (packet.startsWith('44')) this.refused = (JSON.parse(packet.slice(2)) as { message: string }).message
    else if (packet.startsWith('42')) this.events.push(JSON.parse(packet.slice(2)) as [string, unknown])
    else if (packet.startsWith('43')) this.replies.push(...(JSON.parse(packet.replace(/^43\d+/, '')) as unknown[]))
  }

  send(name: string, ...args: unknown[]): void {
    this.#socket.send(`42${this.replies.length}${JSON.stringify([name, ...args])}`)
  }

  async ask(name: string, ...args: unknown[]): Promise<unknown> {
    const before = this.replies.length
    this.send(name, ...args)
    await vi.waitUntil(() => this.replies.length > before)
    return this.replies[before]
  }

  names = () => this.events.map(([name]) => name)
  close = () => this.#socket.close()
}

const session = async (role: 'viewer' | 'admin' = 'viewer') => {
  const { token } = await auth.createLink(role)
  const { setCookie, identity } = await auth.enter(token, 'peer')
  return { identity, headers: { cookie: setCookie.split(';')[0] ?? '', origin: `http://${host}` } }
}
const enterPage = async () => {
  const { headers, identity } = await session()
  const page = new Page(headers)
  await vi.waitUntil(() => sockets.figures().open > 0)
  return { page, identity }
}

describe('connecting', () => {
  it('is refused without a session', async () => {
    const page = new Page({ origin: `http://${host}` })
    await vi.waitUntil(() => page.refused !== null)
    expect(page.refused).toBe('This needs a session')
  })

  it.each([{ origin: 'http://evil.test' }, { origin: 'http://localhost:1' }])(
    'is refused at the upgrade for a page of $origin, even with a session',
    async (origin) => {
      const { headers } = await session('admin')
      const page = new Page({ ...headers, ...origin })
      await vi.waitUntil(() => page.closed)
      expect(sockets.figures().open).toBe(0)
    },
  )
})

describe('the overview', () => {
  it('comes whole first, then by numbered deltas', async () => {
    const { page } = await enterPage()
    expect(await page.ask('overview:subscribe')).toEqual({ ok: true })
    await vi.waitUntil(() => page.events.length === 1)
    change({ connectors: [] })
    await vi.waitUntil(() => page.events.length === 2)
    const [whole, delta] = page.events.map(([name, payload]) => ({ name, payload }))
    expect(whole).toMatchObject({ name: 'overview:whole', payload: { overview } })
    const seq = hub.whole().seq
    expect(whole).toMatchObject({ payload: { seq: seq - 1 } })
    expect(delta).toMatchObject({ name: 'overview:delta', payload: { seq, changes: { connectors: [] } } })
    page.close()
  })
})

describe('taps', () => {
  it('are opened once for all pages, and closed when the last has gone', async () => {
    const [a, b] = [await enterPage(), await enterPage()]
    expect(await a.page.ask('tap:open', 'kafka')).toEqual({ ok: true })
    expect(await b.page.ask('tap:open', 'kafka')).toEqual({ ok: true })
    expect(await a.page.ask('tap:open', 'nothing')).toEqual({ ok: false, error: 'There is no such tap' })
    expect(opened).toBe(1)
    a.page.send('tap:close', 'kafka')
    b.page.close()
    await vi.waitUntil(() => opened === 0)
    a.page.close()
  })
})

describe('a revoked session', () => {
  it('is told so and loses its sockets, others keep theirs', async () => {
    const [a, b] = [await enterPage(), await enterPage()]
    await auth.revoke(a.identity.sessionId ?? '')
    await vi.waitUntil(() => a.page.closed)
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
