/** Following a log, with a real console behind the route as far as it is asked. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Auth } from '#lib/auth/index.ts'
import { loadConfig } from '#lib/config.ts'
import { type Console, provideConsole } from '#lib/console.ts'
import { createProcessRuntime } from '#lib/runtime/process/index.ts'
import type { Runtime } from '#lib/runtime/runtime.ts'
import { openStore, type Store } from '#lib/store/index.ts'
import { GET } from './route.ts'

let dir: string
let store: Store
let auth: Auth
let runtime: Runtime

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'aviary-follow-'))
  const log = pino({ enabled: false })
  store = await openStore(join(dir, 'aviary.db'))
  auth = new Auth({ store, cliKey: 'the-key', port: 4400, hostNames: [] })
  const config = loadConfig({ NODE_ENV: 'test', AVIARY_HOME: dir })
  runtime = createProcessRuntime({ config, log })
  const stack = { requireOwn: () => {} }
  provideConsole(Promise.resolve({ store, auth, log, runtime, stack } as unknown as Console))
  await mkdir(join(dir, 'services', 'zookeeper'), { recursive: true })
  await writeFile(join(dir, 'services', 'zookeeper', 'log'), 'line\n')
})
afterEach(async () => {
  auth.close()
  await runtime.close()
  await store.close()
  await rm(dir, { recursive: true })
})

const cli = { authorization: 'Bearer the-key' }
const follow = (headers: Record<string, string>, signal?: AbortSignal) => {
  const url = 'http://localhost:4400/api/services/zookeeper/logs?follow=1'
  const request = new Request(url, { headers: { host: 'localhost:4400', ...headers }, signal: signal ?? null })
  return GET(request, { params: Promise.resolve({ id: 'zookeeper' }) })
}

describe('reading a log', () => {
  const read = async (query: string) => {
    const url = `http://localhost:4400/api/services/zookeeper/logs?${query}`
    const request = new Request(url, { headers: { host: 'localhost:4400', ...cli } })
    return GET(request, { params: Promise.resolve({ id: 'zookeeper' }) })
  }

  it('begins where it is asked to: at a time, or so many lines before the end', async () => {
    const lines = Array.from({ length: 300 }, (_, i) => `${new Date(i * 1_000).toISOString()} line ${i}`)
    await writeFile(join(dir, 'services', 'zookeeper', 'log'), `${lines.join('\n')}\n`)
    const linesOf = async (query: string) => (await (await read(query)).text()).trimEnd().split('\n')
    expect(await linesOf('')).toEqual(lines.slice(-200))
    expect(await linesOf('since=10000')).toEqual(lines.slice(10))
    expect(await linesOf('since=10000&tail=5')).toEqual(lines.slice(-5))
  })

  it('is a file where one is wanted, and refuses what is no time', async () => {
    const reply = await read('download=1')
    expect(reply.headers.get('content-disposition')).toMatch(/^attachment; filename="zookeeper-[\dTZ-]+\.log"$/)
    expect(await reply.text()).toBe('line\n')
    expect((await read('')).headers.get('content-disposition')).toBeNull()
    expect((await read('since=yesterday')).status).toBe(422)
  })
})

describe('following a log', () => {
  it('ends with the session', async () => {
    const { token } = await auth.createLink('viewer')
    const { setCookie, identity } = await auth.enter(token, 'peer')
    const reply = await follow({ cookie: setCookie.split(';')[0] ?? '' })
    const text = reply.text()
    await auth.revoke(identity.sessionId ?? '')
    expect(await text).toMatch(/^(line\n)?$/)
  })

  it('is bounded, and a place is free again when its caller has left or given up', async () => {
    const leave = new AbortController()
    const replies = await Promise.all(Array.from({ length: 20 }, () => follow(cli, leave.signal)))
    expect(replies.map((r) => r.status)).toEqual(Array(20).fill(200))
    expect((await follow(cli)).status).toBe(429)
    await replies[0]?.body?.cancel()
    const another = await follow(cli, leave.signal)
    expect([another.status, (await follow(cli)).status]).toEqual([200, 429])
    leave.abort()
    const last = await follow(cli)
    expect(last.status).toBe(200)
    await last.body?.cancel()
  })
})
