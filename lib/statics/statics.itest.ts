/** Loads on the real Hive: exact counts and rows, whole or not at all, and the same again. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { until } from '#lib/engines/engine.contract.ts'
import { questions } from '#lib/pipeline/questions.ts'
import { type Lab, openLab, patience } from './lab.ts'
import { edgesByTypes, interactionsOf, mediansByType, sumsByType } from './plain.ts'

let lab: Lab
beforeAll(async () => {
  lab = await openLab(inject('home'), inject('portOffset'))
})
afterAll(() => lab.close())

const load = (dir: string, tweets = false) => lab.statics.load({ dir, tweets, within: null })
const tables = async () => (await lab.rows('SHOW TABLES IN aviary')).map(([name]) => String(name))

describe('the sample of 420 users', () => {
  test('is loaded with every row, and says so of itself', async () => {
    const ended = await load(lab.sample, true)
    expect(ended).toMatchObject({ state: 'done', error: null })
    const counts = Object.fromEntries(ended.tables.map(({ name, counts: c }) => [name, [c?.loaded, c?.rejected]]))
    const tweets = lab.plain.tweets.flatMap((user) => user.tweets).length
    expect(counts).toEqual({
      users: [420, 0],
      edges: [lab.plain.edges.size, 0],
      mbti_labels: [420, 0],
      tweets: [tweets, 0],
    })
    for (const [name, [rows]] of Object.entries(counts))
      expect(await lab.rows(`SELECT COUNT(*) FROM aviary.${name}`)).toEqual([[rows]])
    for (const table of lab.statics.snapshot().tables ?? [])
      expect(table).toMatchObject({
        synthetic: true,
        rows: table.loaded,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      })
    expect(lab.statics.snapshot()).toMatchObject({ lookups: 'current' })
  })

  test('has the ids, edges and texts of the files, to the last digit', async () => {
    const users = await lab.rows('SELECT id, screen_name, location, verified, total_favorite_count FROM aviary.users')
    const wanted = lab.plain.users.map((u) => [
      ...[u.id, u.screen_name, u.location === 'NaN' ? null : u.location, u.verified],
      Number(u.total_favorite_count),
    ])
    expect(new Set(users.map((u) => u.join('|')))).toEqual(new Set(wanted.map((u) => u.join('|'))))
    const edges = await lab.rows('SELECT src, dst FROM aviary.edges')
    expect(new Set(edges.map((edge) => edge.join(' ')))).toEqual(lab.plain.edges)
    const tweets = await lab.rows('SELECT user_id, position, tweet FROM aviary.tweets')
    const texts = lab.plain.tweets.flatMap(({ id, tweets: list }) => list.map((text, i) => `${id} ${i} ${text}`))
    expect(tweets.map((t) => t.join(' ')).sort()).toEqual(texts.sort())
  })

  test('answers the five questions as the files do', async () => {
    const users = [...lab.plain.users].sort((a, b) => {
      const [x, y] = [interactionsOf(a), interactionsOf(b)]
      return x === y ? (a.id < b.id ? -1 : 1) : x < y ? 1 : -1
    })
    const top = await lab.rows(questions['top-users'].sql)
    expect(top.map((row) => [row[0], row[2], row.at(-1)])).toEqual(
      users.slice(0, 5).map((u) => [u.id, lab.plain.types.get(u.id), Number(interactionsOf(u))]),
    )
    const byType = (rows: Awaited<ReturnType<Lab['rows']>>, column: number) =>
      Object.fromEntries(rows.map((row) => [row[0], row[column]]))
    const sums = (value: (user: (typeof users)[number]) => string | bigint) =>
      sumsByType(
        lab.plain,
        users.map((u) => [u.id, BigInt(value(u))] as const),
      )
    const collected = await lab.rows(questions.interactions.sql)
    expect(byType(collected, 1)).toEqual(sums((u) => u.total_retweet_count))
    expect(byType(collected, 2)).toEqual(sums((u) => u.total_favorite_count))
    expect(byType(collected, 3)).toEqual(sums((u) => u.total_mentions_count))
    const spread = await lab.rows(questions.spread.sql)
    expect(byType(spread, 1)).toEqual(sums(() => 1n))
    expect(byType(spread, 2)).toEqual(sums(interactionsOf))
    const medians = mediansByType(
      lab.plain,
      users.map((u) => [u.id, interactionsOf(u)] as const),
    )
    expect(byType(spread, 3)).toEqual(medians)
    const produced = await lab.rows(
      'SELECT mbti_personality, COUNT(*) FROM aviary.tweets t JOIN aviary.mbti_labels l ON t.user_id = l.id GROUP BY mbti_personality',
    )
    expect(byType(produced, 1)).toEqual(
      sumsByType(
        lab.plain,
        lab.plain.tweets.map((t) => [t.id, BigInt(t.tweets.length)] as const),
      ),
    )
  })

  test('knows which type follows which, and how often', async () => {
    const rows = await lab.rows(questions.follows.sql)
    const found = rows.map(([follower, followed, edges]) => [`${follower} ${followed}`, edges] as const)
    expect(Object.fromEntries(found)).toEqual(edgesByTypes(lab.plain))
  })

  test('loaded again gives the same tables, and leaves one version before them', async () => {
    const before = await lab.rows('SELECT * FROM aviary.users ORDER BY id')
    expect((await load(lab.sample)).state).toBe('done')
    expect((await load(lab.sample)).state).toBe('done')
    expect(await lab.rows('SELECT * FROM aviary.users ORDER BY id')).toEqual(before)
    const versions = (await tables()).filter((name) => /^(users|edges|mbti_labels)_(v|stage)\d+$/.test(name))
    expect(versions.map((name) => name.replace(/\d+$/, '')).sort()).toEqual(
      ['users_v', 'edges_v', 'mbti_labels_v'].flatMap((name) => [name, name]).sort(),
    )
    expect(await readdir(join(lab.config.homeDir, 'data', 'hive'))).not.toContain('staging')
  })
})

describe('a load that fails', () => {
  const header = 'id,mbti_personality,pers_id\n'

  test('leaves the table of a broken file, and loads the others', async () => {
    const before = await lab.rows('SELECT * FROM aviary.users ORDER BY id')
    const labels = `${header}1,infj,8\n2,estp, 7\n2,estp,7\n3,nope,1\n`
    const broken = await lab.files('broken', { 'users1.json': '[{"id": 1,', 'mbti_labels.csv': labels })
    const ended = await load(broken)
    expect(ended.state).toBe('failed')
    const errors = Object.fromEntries(ended.tables.map(({ name, error }) => [name, error]))
    expect(errors.users).toMatch(/^users1\.json is not loaded: line 1, column \d+: the file ends here/)
    expect(errors.edges).toBe(`There is no edges1.json in ${broken}.`)
    expect(await lab.rows('SELECT * FROM aviary.users ORDER BY id')).toEqual(before)
    expect(await lab.rows('SELECT id, mbti_personality, pers_id FROM aviary.mbti_labels ORDER BY id')).toEqual([
      ['1', 'infj', 8],
      ['2', 'estp', 7],
    ])
    expect(lab.statics.snapshot().tables?.find(({ name }) => name === 'mbti_labels')).toMatchObject({
      ...{ read: 4, loaded: 2, rejected: 2, rows: 2, unknownUsers: null, synthetic: false },
      reasons: { 'the id has come before': 1, 'the type is none of the sixteen': 1 },
    })
  })

  test('keeps the table when no row can be used', async () => {
    const before = await lab.rows('SELECT * FROM aviary.mbti_labels ORDER BY id')
    for (const [text, why] of [
      ['', 'it holds no labels'],
      [header, 'it holds no labels'],
      [`${header}x,infj,8\n`, 'none of its 1 labels can be used; line 2: the id is not a whole number: x'],
    ]) {
      const ended = await load(await lab.files('useless', { 'mbti_labels.csv': text ?? '' }))
      expect(ended.tables.find(({ name }) => name === 'mbti_labels')?.error).toBe(
        `mbti_labels.csv is not loaded: ${why}.`,
      )
    }
    expect(await lab.rows('SELECT * FROM aviary.mbti_labels ORDER BY id')).toEqual(before)
  })

  test('of a console that goes leaves the tables, and what it leaves behind goes with the next one', async () => {
    const before = await lab.rows('SELECT * FROM aviary.users ORDER BY id')
    const dying = lab.newStatics()
    const reached = Promise.withResolvers<void>()
    dying.onChange(({ load: l }) => l?.tables.some(({ phase }) => phase === 'loading') && reached.resolve())
    await dying.begin({ dir: lab.sample, within: null })
    await reached.promise
    await dying.close()
    // What a console killed at the worst moments leaves: a version that nobody shows, and a table over staged files.
    const run = (statement: string) => lab.engines.hive.execute(statement, { signal: patience() })
    await run('CREATE TABLE IF NOT EXISTS aviary.users_v900 STORED AS PARQUET AS SELECT * FROM aviary.users LIMIT 1')
    await run('CREATE EXTERNAL TABLE IF NOT EXISTS aviary.users_stage900 (id string)')
    expect(await lab.rows('SELECT * FROM aviary.users ORDER BY id')).toEqual(before)
    await until(async () => (await load(lab.sample)).state === 'done')
    expect(await lab.rows('SELECT * FROM aviary.users ORDER BY id')).toEqual(before)
    expect((await tables()).filter((name) => /^users_(v900|stage\d+)$/.test(name))).toEqual([])
  })

  test('refuses a second one meanwhile, and a folder without files', async () => {
    const ended = load(lab.sample)
    await expect(load(lab.sample)).rejects.toMatchObject({ name: 'Problem', status: 409 })
    expect((await ended).state).toBe('done')
    await expect(load(await lab.files('empty', {}))).rejects.toMatchObject({ name: 'Problem', status: 422 })
  })
})

test('texts that could be misread come back as they were', async () => {
  const nasty = [
    '\t',
    '\\',
    '\n',
    '\r\n',
    '\\N',
    '\\n',
    'a\\',
    '',
    '"',
    "'",
    '\u0000',
    '\u0001',
    '\u2028',
    '😀',
    'é;--',
    '$'.concat('{system:java.home}'),
  ]
  const profile = (text: string, i: number) => ({
    ...{ screen_name: `${text}${i}`, location: text, verified: false, statuses_count: 0, total_retweet_count: 0 },
    ...{ total_favorite_count: 0, total_hashtag_count: 0, total_mentions_count: 0, total_media_count: 0, id: i },
  })
  const folder = await lab.files('nasty', { 'users1.json': JSON.stringify(nasty.map(profile)) })
  await load(folder)
  const rows = await lab.rows('SELECT id, screen_name, location FROM aviary.users')
  expect(rows.toSorted((a, b) => Number(a[0]) - Number(b[0]))).toEqual(
    nasty.map((text, i) => [`${i}`, `${text}${i}`, text]),
  )
  expect((await load(lab.sample)).state).toBe('done')
})
