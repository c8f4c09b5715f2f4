/** Against a Coordinator as Druid 33 behaves, over a real socket. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { staticLookups } from '#lib/pipeline/statics.ts'
import { createDruid, type DruidEngine, emptyStamp } from './index.ts'

interface Spec {
  version: string
  lookupExtractorFactory: { type: string; map: Record<string, string> }
}

/** Null until the first, empty, update has been posted. */
let kept: Map<string, Spec> | null
/** How often a lookup is told as not loaded yet after an update. */
let pending: number
let server: Server
let druid: DruidEngine
const signal = () => AbortSignal.timeout(10_000)

async function respond(request: IncomingMessage, reply: ServerResponse): Promise<void> {
  const send = (status: number, body: unknown) => reply.writeHead(status).end(JSON.stringify(body))
  const path = (request.url ?? '').replace('/druid/coordinator/v1/lookups/', '')
  if (request.method === 'POST') {
    const chunks = await Array.fromAsync(request)
    const tiers = JSON.parse(Buffer.concat(chunks as Buffer[]).toString()) as { __default?: Record<string, Spec> }
    if (kept === null && tiers.__default) return void send(500, { error: 'Not initialized' })
    kept ??= new Map()
    for (const [name, spec] of Object.entries(tiers.__default ?? {})) {
      const present = kept.get(name)
      if (present && spec.version <= present.version) return void send(500, { error: "can't replace existing spec" })
      kept.set(name, spec)
      pending = 2
    }
    return void send(202, tiers)
  }
  if (path === 'config/__default')
    return void (kept === null || kept.size === 0 ? send(404, { error: 'none' }) : send(200, [...kept.keys()]))
  if (path === 'status/__default') {
    const loaded = pending-- <= 0
    return void send(200, Object.fromEntries([...(kept?.keys() ?? [])].map((name) => [name, { loaded }])))
  }
  const found = kept?.get(path.replace('config/__default/', ''))
  send(found ? 200 : 404, found ?? { error: 'not found' })
}

beforeEach(async () => {
  kept = null
  pending = 0
  server = createServer((request, reply) => void respond(request, reply)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  druid = createDruid({ url, bootstrapServers: '127.0.0.1:1' })
})
afterEach(async () => {
  await druid.close()
  server.close()
})

const mbti = (stamp: string, values: Record<string, string>) => ({
  name: 'user_mbti' as const,
  stamp,
  values: new Map(Object.entries(values)),
})

test('nothing is there: every stamp is null, and publishing begins by itself', async () => {
  expect([...(await druid.lookupStamps(signal()))]).toEqual(staticLookups.map((name) => [name, null]))
  await druid.publishLookups([mbti('a-1', { '9007199254740993': 'infj' })], signal())
  expect(kept?.get('user_mbti')?.lookupExtractorFactory).toEqual({ type: 'map', map: { '9007199254740993': 'infj' } })
  expect((await druid.lookupStamps(signal())).get('user_mbti')).toBe('a-1')
})

test('each update has a higher version, whatever its stamp, and is waited for', async () => {
  for (const stamp of ['z-9', 'a-1', 'a-1', emptyStamp]) {
    await druid.publishLookups([mbti(stamp, {})], signal())
    expect(pending).toBeLessThan(0)
    expect((await druid.lookupStamps(signal())).get('user_mbti')).toBe(stamp)
  }
  expect(kept?.get('user_mbti')?.version).toBe(`000000003-${emptyStamp}`)
})

test('a version of somebody else is left alone, with what to do about it', async () => {
  kept = new Map([['user_mbti', { version: 'v1', lookupExtractorFactory: { type: 'map', map: {} } }]])
  const refused = druid.publishLookups([mbti('a-1', {})], signal())
  await expect(refused).rejects.toMatchObject({ code: 'rejected', hint: expect.stringContaining('DELETE') })
  expect(kept.get('user_mbti')?.version).toBe('v1')
})

test('waiting for the services can be given up', async () => {
  await druid.publishLookups([mbti('a-1', {})], signal())
  const controller = new AbortController()
  const reason = new Error('given up')
  const published = druid.publishLookups([mbti('a-2', {})], controller.signal)
  const ended = expect(published).rejects.toBe(reason)
  while (kept?.get('user_mbti')?.version !== '000000001-a-2') await new Promise((done) => setTimeout(done, 5))
  controller.abort(reason)
  await ended
})
