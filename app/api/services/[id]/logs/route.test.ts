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
  provideConsole(Promise.resolve({ store, auth, log, runtime } as unknown as Console))
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
