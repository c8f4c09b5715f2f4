import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDruid, type DruidEngine } from '#lib/engines/druid/index.ts'
import { createHive, type HiveEngine } from '#lib/engines/hive/index.ts'
import { QueryRequest, queryLimits } from '#lib/pipeline/query.ts'
import { positionIn } from './failure.ts'
import { Queries } from './index.ts'
import { saying, silence, startWireDruid, type WireDruid } from './wire-druid.ts'

let wire: WireDruid
let druid: DruidEngine
let hive: HiveEngine
let queries: Queries

beforeEach(async () => {
  wire = await startWireDruid()
  druid = createDruid({ url: wire.url, bootstrapServers: '127.0.0.1:1' })
  // Nothing listens there.
  hive = createHive({ host: '127.0.0.1', port: 1, landingDir: '/' })
  queries = new Queries({ druid, hive })
})
afterEach(async () => {
  await Promise.all([druid.close(), hive.close()])
  await wire.close()
})

const never = new AbortController().signal
const ask = (body: Partial<QueryRequest> = {}, { session = 'a', signal = never } = {}) =>
  queries.run(QueryRequest.parse({ engine: 'druid', sql: 'SELECT 1', ...body }), { session, signal })

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((done) => setTimeout(done, 5))
}

describe('a query', () => {
  it('answers rows with every digit of their ids', async () => {
    wire.answer = saying('[["id","big"],["160881623",9007199254740993],[null,1]]\n')
    const result = await ask()
    expect(result).toMatchObject({ columns: ['id', 'big'], truncated: false })
    expect(result.rows).toEqual([
      ['160881623', '9007199254740993'],
      [null, 1],
    ])
    expect(result.tookMs).toBeGreaterThanOrEqual(0)
  })

  it('is cut after as many rows as were asked for, and says so only when there were more', async () => {
    wire.answer = ({ context }, reply) => {
      const rows = Array.from({ length: Math.min(3, context.sqlOuterLimit) }, (_, i) => [i])
      reply.end(JSON.stringify([['n'], ...rows]))
    }
    expect(await ask({ maxRows: 2 })).toMatchObject({ rows: [[0], [1]], truncated: true })
    expect(await ask({ maxRows: 3 })).toMatchObject({ rows: [[0], [1], [2]], truncated: false })
  })

  it('reaches the engine without comments, and not at all when it is refused', async () => {
    await ask({ sql: 'SELECT /* all */ 1; -- end' })
    expect(wire.asked.map(({ query }) => query.trimEnd())).toEqual(['SELECT           1'])
    await expect(ask({ sql: 'DROP TABLE x' })).rejects.toMatchObject({ status: 422 })
    expect(wire.asked).toHaveLength(1)
  })

  it('that is wrong is told in the words of Druid, with the place and what to do', async () => {
    const errorMessage = "Column 'nope' not found in any table (line [2], column [8])"
    wire.answer = saying(JSON.stringify({ error: 'druidException', errorCode: 'invalidInput', errorMessage }), 400)
    await expect(ask()).rejects.toMatchObject({
      status: 422,
      message: `Druid refused the query: ${errorMessage}`,
      position: { line: 2, column: 8 },
      hint: 'Correct the marked place.',
    })
  })

  it.each([
    { said: "Object 'tweets' not found (line [1], column [15])", status: 400, hint: /start a replay/ },
    { said: 'Lookup [user_mbti] not found', status: 500, hint: /load them/ },
  ])('that fails with "$said" is told what is missing', async ({ said, status, hint }) => {
    wire.answer = saying(JSON.stringify({ error: 'druidException', errorMessage: said }), status)
    await expect(ask()).rejects.toMatchObject({ status: 422, hint: expect.stringMatching(hint) })
  })

  it('that takes too long is ended: by Druid itself, or by us', async () => {
    wire.answer = saying('{"error":"Query timeout","errorMessage":"Query [x] timed out"}', 504)
    const late = { status: 504, message: expect.stringMatching(/^Druid did not finish within 1 s/) }
    await expect(ask({ timeoutMs: 1_000 })).rejects.toMatchObject(late)
    wire.answer = silence
    await expect(ask({ timeoutMs: 1_000 })).rejects.toMatchObject(late)
    await until(() => wire.cancelled.length === 1)
    expect(wire.cancelled).toEqual([wire.asked.at(-1)?.context.sqlQueryId])
  })

  it('that is cancelled ends in the engine too', async () => {
    wire.answer = silence
    const leave = new AbortController()
    const running = ask({}, { signal: leave.signal })
    await until(() => wire.asked.length === 1)
    leave.abort()
    await expect(running).rejects.toMatchObject({ status: 409, message: 'The query was cancelled' })
    await until(() => wire.cancelled.length === 1)
    expect(wire.cancelled).toEqual([wire.asked[0]?.context.sqlQueryId])
  })

  it('whose answer is too large says so', async () => {
    wire.answer = saying(`[["a"],["${'x'.repeat(33 * 1024 * 1024)}"]]`)
    await expect(ask()).rejects.toMatchObject({ status: 413, hint: expect.stringContaining('fewer rows') })
  })

  it('finds an engine that is not there: nothing of the query is wrong', async () => {
    await expect(ask({ engine: 'hive' })).rejects.toMatchObject({ name: 'EngineError', code: 'unreachable' })
  })
})

describe('queries at the same time', () => {
  it('are two of a session and four of all; a place is free again after each end', async () => {
    wire.answer = silence
    const leave = new AbortController()
    const hold = (session: string) => ask({}, { session, signal: leave.signal }).catch(() => 'ended')
    const held = [hold('a'), hold('a')]
    const full = { status: 429, retryAfter: expect.any(Number) }
    await expect(ask()).rejects.toMatchObject(full)
    held.push(hold('b'), hold('c'))
    await expect(ask({}, { session: 'd' })).rejects.toMatchObject(full)
    await until(() => wire.asked.length === 4)
    leave.abort()
    expect(await Promise.all(held)).toEqual(Array(4).fill('ended'))
    wire.answer = saying('{"errorMessage":"no"}', 400)
    for (let i = 0; i < 5; i++) await expect(ask()).rejects.toMatchObject({ status: 422 })
    wire.answer = saying('[["n"],[1]]')
    expect(await ask()).toMatchObject({ rows: [[1]] })
  })
})

describe('the place of an error', () => {
  it.each([
    ['druid', 'Received an unexpected token [x] (line [1], column [14]), acceptable options: [<EOF>]', 1, 14],
    ['druid', 'Lexical error at line 1, column 8.  Encountered: "`" (96), after : ""', 1, 8],
    ['hive', "line 2:0 missing EOF at 'FRM' near '*'", 2, 1],
    ['hive', "Line 1:7 Invalid table alias or column reference 'foo'", 1, 8],
  ] as const)('of %s is found in: %s', (engine, said, line, column) => {
    expect(positionIn(said, engine)).toEqual({ line, column })
  })

  it.each([
    ['druid', 'Lookup [user_mbti] not found'],
    ['hive', 'ASSERT_TRUE(): assertion failed.'],
    ['hive', 'line 0:-1 mismatched input'],
  ] as const)('of %s may be unknown: %s', (engine, said) => {
    expect(positionIn(said, engine)).toBeUndefined()
  })
})

describe('what may be asked', () => {
  const parse = (body: object) => QueryRequest.safeParse({ engine: 'druid', sql: 'SELECT 1', ...body })

  it('has defaults for screen and file', () => {
    expect(parse({}).data).toMatchObject({ maxRows: 1_000, timeoutMs: 30_000, format: 'json' })
    expect(parse({ format: 'csv' }).data).toMatchObject({ maxRows: queryLimits.fileRows })
  })

  it.each([
    { maxRows: 10_001 },
    { maxRows: 0 },
    { maxRows: 100_001, format: 'ndjson' },
    { timeoutMs: 120_001 },
    { engine: 'kafka' },
    { sql: 'x'.repeat(32 * 1024 + 1) },
    { sql: 'é'.repeat(17 * 1024) },
    { format: 'xml' },
  ])('is not %j', (body) => {
    expect(parse(body).success).toBe(false)
  })
})
