import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { until } from '../engine.contract.ts'
import { meaning } from './faults.ts'
import { createHive, type HiveEngine } from './index.ts'
import { rowsOf } from './rows.ts'
import { WireHive, type WireOutcome } from './wire-hive.ts'

const patience = () => AbortSignal.timeout(30_000)

let outcome: WireOutcome
let server: WireHive
let hive: HiveEngine

beforeEach(async () => {
  server = new WireHive(() => outcome)
  hive = createHive({ ...(await server.listen()), landingDir: '/landing' })
})
afterEach(async () => {
  await hive.close()
  await server.close()
})

const ask = (limit?: number) => hive.sql('SELECT 1', { signal: patience(), ...(limit !== undefined && { limit }) })

describe('rows', () => {
  it('keep every digit, and know NULL from nothing', async () => {
    const rows = [
      [1275843000000000123n, '18446744073709551615', null],
      [-9007199254740993n, '', 'é😀'],
      [null, '1.50', 'x'],
      [42n, 'NaN', null],
    ]
    outcome = { columns: ['a', 'b', 'a'], rows }
    expect(await ask()).toEqual({
      columns: ['a', 'b', 'a'],
      rows: [
        ['1275843000000000123', '18446744073709551615', null],
        ['-9007199254740993', '', 'é😀'],
        [null, '1.50', 'x'],
        [42, 'NaN', null],
      ],
    })
  })

  it('come in pages, no more than are wanted', async () => {
    outcome = { columns: ['n'], rows: Array.from({ length: 2_500 }, (_, n) => [BigInt(n)]) }
    expect((await ask()).rows.map(([n]) => n)).toEqual(Array.from({ length: 2_500 }, (_, n) => n))
    expect((await ask(1_001)).rows).toHaveLength(1_001)
    expect((await ask(2)).rows).toEqual([[0], [1]])
  })

  it('of types that the wire has its own columns for', () => {
    const column = (name: string, values: unknown[]) => ({ [name]: { values, nulls: Buffer.from([0b100]) } })
    const columns = [
      column('boolVal', [true, false, false]),
      column('byteVal', [-5, 5, 0]),
      column('i16Val', [-300, 300, 0]),
      column('i32Val', [-70_000, 70_000, 0]),
      column('doubleVal', [Number.NaN, 0.5, 0]),
      column('binaryVal', [Buffer.from('ab'), Buffer.of(255), Buffer.of()]),
    ]
    expect(rowsOf([{ columns }])).toEqual([
      [true, -5, -300, -70_000, 'NaN', '6162'],
      [false, 5, 300, 70_000, 0.5, 'ff'],
      [null, null, null, null, null, null],
    ])
  })

  it('of a shape that is not known are no rows', async () => {
    expect(() => rowsOf([{ columns: [{ i64Val: { values: [1], nulls: Buffer.of(0) } }] }])).toThrow(/i64Val/)
  })
})

describe('a statement', () => {
  it('that is refused says why and where, and leaves the session good', async () => {
    outcome = {
      refused:
        "Error while compiling statement: FAILED: SemanticException [Error 10004]: line 1:7 Invalid alias 'nope'",
    }
    const refusal = { code: 'rejected', message: "Hive refused the statement: line 1:7 Invalid alias 'nope'" }
    await expect(ask()).rejects.toMatchObject(refusal)
    outcome = { failed: 'Vertex failed\nCaused by: java.io.IOException: disk full\n\tat x' }
    await expect(ask()).rejects.toMatchObject({ code: 'rejected', message: 'Hive refused the statement: disk full' })
    outcome = { columns: [], rows: [] }
    await hive.execute('CREATE TABLE x (a string)', { signal: patience() })
    await ask()
    // One of the reader, one of the owner.
    expect(server.sessions).toBe(2)
  })

  it('is cancelled when nobody wants it any more, and its connection ends', async () => {
    outcome = 'runs for ever'
    const controller = new AbortController()
    const reason = new Error('given up')
    const asked = hive.sql('SELECT 1', { signal: controller.signal })
    await until(() => server.calls.includes('GetOperationStatus'))
    controller.abort(reason)
    await expect(asked).rejects.toBe(reason)
    await until(() => server.calls.includes('CancelOperation') && server.connections === 0)
  })

  it('is cancelled when its time is over', async () => {
    outcome = 'runs for ever'
    await expect(hive.sql('SELECT 1', { signal: patience(), timeoutMs: 200 })).rejects.toMatchObject({
      code: 'timeout',
    })
    await until(() => server.calls.includes('CancelOperation'))
  })

  it('after a lost connection gets a new session', async () => {
    outcome = { columns: ['a'], rows: [['x']] }
    await ask()
    server.hangUp()
    await until(() => server.connections === 0)
    expect((await ask()).rows).toEqual([['x']])
    expect(server.sessions).toBe(2)
  })

  it('that loses its connection is unreachable', async () => {
    outcome = 'runs for ever'
    const asked = ask()
    await until(() => server.calls.includes('GetOperationStatus'))
    server.hangUp()
    await expect(asked).rejects.toMatchObject({ code: 'unreachable', hint: 'Start the service hive.' })
  })

  it('waits for its turn no longer than somebody wants it', async () => {
    outcome = 'runs for ever'
    const controller = new AbortController()
    const many = Array.from({ length: 9 }, () => hive.sql('SELECT 1', { signal: controller.signal }))
    await until(() => server.sessions === 4)
    controller.abort(new Error('given up'))
    const ends = await Promise.allSettled(many)
    expect(ends.every((end) => end.status === 'rejected' && end.reason === controller.signal.reason)).toBe(true)
  })
})

test('bytes that nobody has asked for end the connection, not the process', async () => {
  outcome = 'runs for ever'
  const asked = ask()
  await until(() => server.calls.includes('GetOperationStatus'))
  // A reply of thrift's to a method that does not exist.
  server.blurt(Buffer.from([0, 0, 0, 13, 0x80, 1, 0, 2, 0, 0, 0, 1, 0x78, 0, 0, 0, 0]))
  await expect(asked).rejects.toMatchObject({ code: 'unexpected-reply' })
})

test('a probe asks in one kept session', async () => {
  for (let n = 0; n < 3; n++) expect((await hive.probe(patience())).state).toBe('up')
  expect(server.sessions).toBe(1)
})

test.each([
  [
    'Error while compiling statement: FAILED: ParseException line 1:0 cannot recognize input',
    'line 1:0 cannot recognize input',
  ],
  ['Error while compiling statement: FAILED: SemanticException Line 1:14 Table not found', 'Line 1:14 Table not found'],
  [
    'Error while processing statement: FAILED: Execution Error, return code 40000 from org.apache.hadoop.hive.ql.ddl.DDLTask. no',
    'no',
  ],
  ['FAILED: Hive Internal Error: org.apache.x.HiveAccessControlException(Not allowed.)', 'Not allowed.'],
  [
    'Failed to open new session: org.apache.x.HiveSQLException: Database aviary does not exist',
    'Database aviary does not exist',
  ],
  ['java.lang.StackOverflowError', 'java.lang.StackOverflowError'],
  ['', 'no reason given'],
])('of %j the meaning is told', (said, meant) => expect(meaning(said)).toBe(meant))
