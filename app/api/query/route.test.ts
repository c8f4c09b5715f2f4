/** The route with the real parts behind it, down to the socket of a Druid that is played. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Auth } from '#lib/auth/index.ts'
import type { Role } from '#lib/auth/roles.ts'
import { type Console, provideConsole } from '#lib/console.ts'
import { createDruid, type DruidEngine } from '#lib/engines/druid/index.ts'
import { createHive, type HiveEngine } from '#lib/engines/hive/index.ts'
import { Queries } from '#lib/query/index.ts'
import { saying, silence, startWireDruid, type WireDruid } from '#lib/query/wire-druid.ts'
import { openStore, type Store } from '#lib/store/index.ts'
import { POST } from './route.ts'

let dir: string
let store: Store
let auth: Auth
let wire: WireDruid
let druid: DruidEngine
let hive: HiveEngine

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'aviary-query-'))
  store = await openStore(join(dir, 'aviary.db'))
  auth = new Auth({ store, cliKey: 'the-key', port: 4400, hostNames: [] })
  wire = await startWireDruid()
  druid = createDruid({ url: wire.url, bootstrapServers: '127.0.0.1:1' })
  hive = createHive({ host: '127.0.0.1', port: 1, landingDir: '/' })
  const queries = new Queries({ druid, hive })
  const log = pino({ enabled: false })
  provideConsole(Promise.resolve({ store, auth, log, queries } as unknown as Console))
})
afterEach(async () => {
  await Promise.all([druid.close(), hive.close()])
  await wire.close()
  auth.close()
  await store.close()
  await rm(dir, { recursive: true })
})

const origin = 'http://localhost:4400'

async function enter(role: Role) {
  const { token } = await auth.createLink(role)
  const { setCookie, identity } = await auth.enter(token, 'peer')
  return { id: identity.sessionId ?? '', headers: { cookie: setCookie.split(';')[0] ?? '', origin } }
}

const cli = { authorization: 'Bearer the-key' }
function ask(headers: Record<string, string>, body: object, signal: AbortSignal | null = null) {
  const request = new Request(`${origin}/api/query`, {
    method: 'POST',
    headers: { host: 'localhost:4400', ...headers },
    body: JSON.stringify({ engine: 'druid', sql: 'SELECT 1', ...body }),
    signal,
  })
  return POST(request, { params: Promise.resolve({}) })
}

const latest = async () => (await store.audit.list(1))[0]
const cancelled = async () => {
  while (wire.cancelled.length === 0) await new Promise((done) => setTimeout(done, 5))
  return wire.cancelled
}

describe('who may ask', () => {
  it('is an operator for Druid and an admin for Hive, and refusals are on record', async () => {
    const operator = await enter('operator')
    expect((await ask(operator.headers, {})).status).toBe(200)
    expect((await ask(operator.headers, { engine: 'hive' })).status).toBe(403)
    expect(await latest()).toMatchObject({
      act: 'query.run',
      subject: 'hive: SELECT 1',
      outcome: 'This needs the role admin; this session has operator',
    })
    expect((await ask((await enter('viewer')).headers, {})).status).toBe(403)
    // Let through; Hive is not there.
    expect((await ask((await enter('admin')).headers, { engine: 'hive' })).status).toBe(503)
  })

  it('is on record with the engine and the beginning of the query', async () => {
    const sql = `SELECT '${'x'.repeat(400)}'`
    await ask(cli, { sql })
    expect(await latest()).toMatchObject({ who: 'cli', subject: `druid: ${sql.slice(0, 200)}`, outcome: 'done' })
  })
})

describe('an answer', () => {
  beforeEach(() => {
    wire.answer = saying('[["id","text"],[9007199254740993,"=1+1, \\"so\\""],[1,null]]')
  })

  it('comes as JSON for a page', async () => {
    expect(await (await ask(cli, {})).json()).toMatchObject({
      columns: ['id', 'text'],
      rows: [
        ['9007199254740993', '=1+1, "so"'],
        [1, null],
      ],
      truncated: false,
    })
  })

  it('comes as a CSV file with a name', async () => {
    const reply = await ask(cli, { format: 'csv' })
    expect(reply.headers.get('content-type')).toMatch(/^text\/csv/)
    expect(reply.headers.get('content-disposition')).toMatch(/^attachment; filename="aviary-druid-\d{8}-\d{6}\.csv"$/)
    expect(await reply.text()).toBe('id,text\r\n9007199254740993,"\'=1+1, ""so"""\r\n1,\r\n')
  })

  it('comes as NDJSON, and a file that is cut says so', async () => {
    const reply = await ask(cli, { format: 'ndjson', maxRows: 1 })
    expect(reply.headers.get('x-truncated')).toBe('true')
    expect(await reply.text()).toBe('{"id":"9007199254740993","text":"=1+1, \\"so\\""}\n')
  })

  it('to a wrong query names the place', async () => {
    const reply = await ask(cli, { sql: 'SELECT 1;\nDROP TABLE x' })
    expect(reply.headers.get('content-type')).toBe('application/problem+json')
    expect(await reply.json()).toMatchObject({ status: 422, position: { line: 2, column: 1 } })
  })
})

describe('a query under way', () => {
  beforeEach(() => {
    wire.answer = silence
  })
  const begun = async () => {
    while (wire.asked.length === 0) await new Promise((done) => setTimeout(done, 5))
  }

  it('ends in the engine when its caller leaves', async () => {
    const leave = new AbortController()
    const reply = ask(cli, {}, leave.signal)
    await begun()
    leave.abort()
    expect((await reply).status).toBe(499)
    expect(await cancelled()).toEqual([wire.asked[0]?.context.sqlQueryId])
    expect(await latest()).toMatchObject({ outcome: 'The query was cancelled' })
  })

  it('ends in the engine when its session ends', async () => {
    const { id, headers } = await enter('operator')
    const reply = ask(headers, {})
    await begun()
    await auth.revoke(id)
    expect((await reply).status).toBe(409)
    expect(await cancelled()).toEqual([wire.asked[0]?.context.sqlQueryId])
  })

  it('takes one of two places, and the third is told when to come again', async () => {
    const leave = new AbortController()
    const held = [ask(cli, {}, leave.signal), ask(cli, {}, leave.signal)]
    while (wire.asked.length < 2) await new Promise((done) => setTimeout(done, 5))
    const third = await ask(cli, {})
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '5'])
    leave.abort()
    await Promise.all(held)
  })
})
