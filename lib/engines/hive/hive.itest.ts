/** HiveServer2 itself: digits, refusals, statements that are given up, files that land. */
import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import { createHive } from './index.ts'

const home = inject('home')
const config = loadConfig({ ...process.env, AVIARY_HOME: home, AVIARY_PORT_OFFSET: String(inject('portOffset')) })
const hive = createHive({
  host: config.host,
  port: config.ports.hive,
  landingDir: join(config.homeDir, 'data', 'hive', 'landing'),
})
const patience = () => AbortSignal.timeout(120_000)
const rowsOf = async (statement: string) => (await hive.sql(statement, { signal: patience() })).rows

beforeAll(async () => {
  await hive.provision(patience())
})
afterAll(() => hive.close())

test('every digit of an id arrives', async () => {
  const largest = '18446744073709551615'
  expect(
    await rowsOf(`SELECT CAST(1275843000000000123 AS BIGINT), CAST(-9007199254740993 AS BIGINT), CAST(42 AS BIGINT),
      CAST('${largest}' AS DECIMAL(20,0)), '${largest}', CAST(NULL AS BIGINT), TRUE, CAST('NaN' AS DOUBLE)`),
  ).toEqual([['1275843000000000123', '-9007199254740993', 42, largest, largest, null, true, 'NaN']])
})

describe('a query', () => {
  /** Some hundred million rows of a few bytes each, which no check of Hive's foresees. */
  const long = `SELECT COUNT(DISTINCT HASH(a.at, b.at)) FROM (SELECT 1 AS one) t
    LATERAL VIEW POSEXPLODE(SPLIT(SPACE(20000), ' ')) a AS at, x LATERAL VIEW POSEXPLODE(SPLIT(SPACE(20000), ' ')) b AS at, x`

  test('that is wrong is refused with the place', async () => {
    await expect(rowsOf('SELECT nope FROM tweets_landed')).rejects.toMatchObject({
      code: 'rejected',
      message: expect.stringMatching(/^Hive refused the statement: line 1:7 Invalid table alias/i),
    })
  })

  test.each([
    "SELECT TRANSFORM('a') USING 'cat' AS (x)",
    "SELECT reflect('java.lang.System', 'exit', 1)",
    "CREATE EXTERNAL TABLE stolen (a string) LOCATION 'file:///etc'",
    'SET hive.execution.engine=mr',
    'DFS -ls /',
    'SELECT COUNT(*) FROM tweets_landed a CROSS JOIN tweets_landed b',
  ])('may not do this: %s', async (statement) => {
    await expect(rowsOf(statement)).rejects.toMatchObject({ code: 'rejected' })
  })

  test('that is given up, or whose time is over, ends, and Hive goes on answering', async () => {
    const controller = new AbortController()
    const reason = new Error('given up')
    const asked = hive.sql(long, { signal: controller.signal })
    expect((await hive.probe(patience())).state).toBe('up')
    controller.abort(reason)
    await expect(asked).rejects.toBe(reason)
    await expect(hive.sql(long, { signal: patience(), timeoutMs: 2_000 })).rejects.toMatchObject({ code: 'timeout' })
    expect(await rowsOf('SELECT 1')).toEqual([[1]])
    expect((await hive.probe(patience())).state).toBe('up')
  })
})

test('a file that has landed shows once, and nothing of it before', async () => {
  const table = `landing_${randomUUID().replaceAll('-', '')}`
  const folder = join(config.homeDir, 'data', 'hive', 'staging', table)
  const line = (offset: number) =>
    `{"user_id":"18446744073709551615","tweet":"t\\n\\"${offset}\\"","seq":9007199254740993,"kafka_partition":0,"kafka_offset":${offset}}\n`
  await mkdir(folder, { recursive: true })
  try {
    await hive.execute(`CREATE EXTERNAL TABLE ${table} LIKE tweets_landed LOCATION 'file://${folder}'`, {
      signal: patience(),
    })
    await writeFile(join(folder, '_tweets-0-0-1.jsonl'), line(0) + line(1))
    expect(await rowsOf(`SELECT * FROM ${table}`)).toEqual([])
    await rename(join(folder, '_tweets-0-0-1.jsonl'), join(folder, 'tweets-0-0-1.jsonl'))
    expect(
      await rowsOf(`SELECT user_id, tweet, seq, kafka_offset, run_id FROM ${table} ORDER BY kafka_offset`),
    ).toEqual([
      ['18446744073709551615', 't\n"0"', '9007199254740993', 0, null],
      ['18446744073709551615', 't\n"1"', '9007199254740993', 1, null],
    ])
  } finally {
    await hive.execute(`DROP TABLE IF EXISTS ${table}`, { signal: patience() })
    await rm(folder, { recursive: true, force: true })
  }
})
