/** A load followed over HTTP, against a console at the wire. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { StaticLoad } from '#lib/pipeline/statics.ts'
import { Client } from './client.ts'
import { loadStatic } from './static.ts'

let server: Server
afterEach(() => server.close())

const load = (id: string, state: StaticLoad['state']): StaticLoad => ({
  ...{ id, state, dir: '/data', startedAt: 0, endedAt: state === 'loading' ? null : 1, tables: [], error: null },
})

/** Answers a POST with the first of the loads, and each GET with the next. */
async function console(...loads: (StaticLoad | null)[]): Promise<{ client: Client; asked: string[] }> {
  const asked: string[] = []
  server = createServer(async (request, reply) => {
    const body = await Array.fromAsync(request)
    asked.push(`${request.method} ${request.url} ${Buffer.concat(body as Buffer[])}`)
    const next = loads.shift() ?? null
    reply.end(JSON.stringify(request.method === 'POST' ? next : { tables: [], lookups: 'unknown', load: next }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { client: new Client({ url, pid: 1, startedAt: 0 }, 'the-key'), asked }
}

const follow = (client: Client) => loadStatic(client, '/data', true, AbortSignal.timeout(30_000))

test('it is begun once and followed to its end, however it ends', async () => {
  const { client, asked } = await console(load('a', 'loading'), load('a', 'loading'), load('a', 'failed'))
  expect(await follow(client)).toEqual(load('a', 'failed'))
  expect(asked).toEqual(['POST /api/static {"dir":"/data","tweets":true}', 'GET /api/static ', 'GET /api/static '])
})

test.each([[null], [load('b', 'loading')]])('a console that knows %j instead has lost it', async (other) => {
  const { client } = await console(load('a', 'loading'), other)
  await expect(follow(client)).rejects.toMatchObject({ exitCode: 1, message: expect.stringContaining('restarted') })
})
