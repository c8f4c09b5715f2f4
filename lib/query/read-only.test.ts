import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type QueryEngine, queryEngines } from '#lib/pipeline/query.ts'
import type { Problem } from '#lib/problem.ts'
import { readOnly } from './read-only.ts'

function refused(sql: string, engine: QueryEngine): Problem | null {
  try {
    readOnly(sql, engine)
    return null
  } catch (error) {
    return error as Problem
  }
}

describe('a reading query', () => {
  it.each<[QueryEngine, string]>([
    ['druid', 'SELECT 1'],
    ['druid', "select * from \"tweets\" where tweet = 'it''s; DROP TABLE x -- no' limit 10;"],
    ['druid', 'WITH x AS (SELECT 1 AS a) SELECT a FROM x;;'],
    ['druid', "EXPLAIN PLAN FOR SELECT REPLACE(tweet, 'a', 'b') FROM \"insert\""],
    ['druid', "SELECT * FROM TABLE(APPEND('a', 'b')) JOIN c USING (id) WHERE x > 1.5e-3"],
    ['druid', "SELECT LOOKUP(user_id, 'user_mbti') FROM tweets -- by type"],
    ['hive', 'SELECT u.id, 10L, 1.5BD FROM users u JOIN mbti_labels USING (id)'],
    ['hive', 'SHOW CREATE TABLE users'],
    ['hive', 'DESC FORMATTED `in``to`'],
    ['hive', 'describe extended users'],
    ['hive', "SELECT map('a', 1), 'INSERT INTO x', \"it's ; a \\\" string\" FROM users"],
    ['hive', 'EXPLAIN FORMATTED WITH a AS (SELECT 1 x) SELECT * FROM a'],
  ])('of %s goes through: %s', (engine, sql) => {
    expect(refused(sql, engine)).toBeNull()
  })

  it('loses its comments and its end, and keeps every place', () => {
    const sql = '-- who?\nSELECT /* the\n name */ a;\n'
    expect(readOnly(sql, 'druid')).toBe('       \nSELECT       \n         a \n')
    expect(readOnly('SELECT a // rest', 'druid')).toBe('SELECT a        ')
    expect(readOnly("SELECT '-- no comment'", 'hive')).toBe("SELECT '-- no comment'")
  })
})

describe('what is no reading query', () => {
  it.each<[QueryEngine, string, string, number, number]>([
    ['druid', '', 'no statement', 1, 1],
    ['druid', ' /* only this */ ; ', 'no statement', 1, 1],
    ['druid', 'INSERT INTO x SELECT 1', 'INSERT', 1, 1],
    ['druid', 'REPLACE INTO x OVERWRITE ALL SELECT 1', 'REPLACE', 1, 1],
    ['druid', 'SET a = 1; SELECT 1', 'SET', 1, 1],
    ['druid', '(SELECT 1)', '(', 1, 1],
    ['druid', '"SELECT" 1', '"SELECT"', 1, 1],
    ['druid', 'EXPLAIN PLAN FOR\n  INSERT INTO x SELECT 1', 'INSERT', 2, 3],
    ['druid', 'EXPLAIN', 'The end', 1, 8],
    ['druid', 'SELECT 1;\nSELECT 2', 'SELECT begins a second', 2, 1],
    ['druid', "SELECT * FROM TABLE(EXTERN('{}','{}'))", 'EXTERN', 1, 21],
    ['druid', "SELECT * FROM TABLE(HTTP(uris => ARRAY['http://x']))", 'HTTP', 1, 21],
    ['druid', 'SELECT * FROM TABLE("APPEND"(\'a\'))', '"APPEND"', 1, 21],
    ['druid', "SELECT 'a", "with ' does not end", 1, 8],
    ['druid', 'SELECT /* a', 'does not end', 1, 8],
    ['druid', 'SELECT /* a /* b */ c */ 1', 'inside a comment', 1, 13],
    ['druid', 'SELECT /*+ broadcast */ 1', 'hint', 1, 8],
    ['druid', 'SELECT\u00a01', 'U+00A0', 1, 7],
    ['druid', 'SELECT 🐦', 'U+1F426', 1, 8],
    ['druid', 'SELECT 1\rSET a', 'U+000D', 1, 9],
    ['hive', 'FROM users INSERT OVERWRITE TABLE x SELECT *', 'FROM', 1, 1],
    ['hive', 'WITH a AS (SELECT 1) FROM a\nINSERT INTO TABLE x SELECT *', 'INSERT', 2, 1],
    ['hive', 'CREATE TABLE x AS SELECT 1', 'CREATE', 1, 1],
    ['hive', 'set hive.x=1', 'set', 1, 1],
    ['hive', 'add jar /x.jar', 'add', 1, 1],
    ['hive', 'EXPLAIN ANALYZE INSERT INTO x SELECT 1', 'INSERT', 1, 17],
    ['hive', "SELECT TRANSFORM(id) USING 'sh' FROM users", 'TRANSFORM', 1, 8],
    ['hive', "SELECT * FROM (FROM users MAP id USING 'sh' AS b) q", 'USING', 1, 34],
    ['hive', "SELECT * FROM (FROM users MAP id USING '(' AS b) q", 'USING', 1, 34],
    ['hive', "SELECT * FROM (FROM users REDUCE id USING 'sh' AS b) q", 'REDUCE', 1, 27],
    ['hive', "SELECT reflect('java.lang.System', 'exit', 0)", 'reflect', 1, 8],
    ['hive', "SELECT `Java_Method`('java.lang.System', 'exit', 0)", '`Java_Method`', 1, 8],
    ['hive', "SELECT in_file('root', '/etc/passwd')", 'in_file', 1, 8],
    ['hive', "SELECT get_splits('DROP TABLE x', 1)", 'get_splits', 1, 8],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Hive's, not ours
    ['hive', "SELECT '${env:SECRET}'", '${', 1, 9],
    ['hive', 'SELECT 1.5INSERT', '5INSERT', 1, 10],
    ['hive', "SELECT 'a\\'", "with ' does not end", 1, 8],
    ['hive', "SELECT 'it''s \\' INTO' INTO x", 'INTO', 1, 24],
    ['hive', 'SELECT // FROM x INTO y', 'INTO', 1, 18],
  ])('of %s is refused: %s', (engine, sql, named, line, column) => {
    const problem = refused(sql, engine)
    expect(problem?.status).toBe(422)
    expect(problem?.message).toContain(named)
    expect(problem?.message).toContain(`(line ${line}, column ${column})`)
    expect(problem?.position).toEqual({ line, column })
  })
})

/** Ways to write any text so that an engine reads it as one string, one name or one comment. */
const hiding: Readonly<Record<QueryEngine, readonly ((text: string) => string)[]>> = {
  druid: [
    (text) => `'${text.replaceAll("'", "''")}'`,
    (text) => `"${text.replaceAll('"', '""')}"`,
    (text) => `/* ${text.replaceAll(/[*/]/g, '.')} */`,
    (text) => `--${text.replaceAll('\n', ' ')}\n`,
    (text) => `//${text.replaceAll('\n', ' ')}\n`,
  ],
  hive: [
    (text) => `'${text.replaceAll(/['\\]/g, '\\$&')}'`,
    (text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`,
    (text) => `/* ${text.replaceAll(/[*/]/g, '.')} */`,
    (text) => `--${text.replaceAll('\n', ' ')}\n`,
  ],
}

describe.each(queryEngines)('for %s', (engine) => {
  const nasty = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.stringMatching(/^['"`\\;\-/*\n a-zA-Z(){}]*$/),
    fc.constantFrom('; DROP TABLE x', "INSERT INTO x SELECT '", '*/ INSERT', '-- x\nSET a=b', 'reflect('),
  )
  const hidden = fc
    .tuple(nasty, fc.constantFrom(...hiding[engine]))
    .map(([text, hide]) => hide(text.replaceAll('${', '$')))

  it('what is hidden in strings, names and comments is no word', () => {
    fc.assert(
      fc.property(fc.array(hidden), (parts) => {
        expect(refused(`SELECT ${parts.join(' ')} FROM x`, engine)).toBeNull()
      }),
    )
  })

  it('what stands between them is seen, wherever', () => {
    const word = fc.constantFrom('INSERT', 'into', 'Overwrite')
    fc.assert(
      fc.property(fc.array(hidden), fc.array(hidden), word, (before, after, verb) => {
        const sql = `SELECT ${before.join(' ')} ${verb} ${after.join(' ')}`
        expect(refused(sql, engine)?.message).toContain(`${verb} is refused`)
        const second = `SELECT ${before.join(' ')} ; ${verb} ${after.join(' ')}`
        expect(refused(second, engine)?.message).toContain(`${verb} begins a second statement`)
      }),
    )
  })

  it('whatever goes through has no comment left, keeps its length, and goes through as it is', () => {
    fc.assert(
      fc.property(nasty, fc.array(hidden), (tail, parts) => {
        const sql = `SELECT ${parts.join(' ')} ${tail}`
        if (refused(sql, engine) !== null) return
        const statement = readOnly(sql, engine)
        expect(statement).toHaveLength(sql.length)
        expect(readOnly(statement, engine)).toBe(statement)
      }),
    )
  })

  it('any text is either let through or refused with a place inside it', () => {
    fc.assert(
      fc.property(nasty, (sql) => {
        const problem = refused(sql, engine)
        if (problem === null) return expect(readOnly(sql, engine).trim()).toMatch(/^(SELECT|WITH|EXPLAIN|SHOW|DESC)/i)
        const { line = 0, column = 0 } = problem.position ?? {}
        const before = sql.split('\n')[line - 1]
        expect(column).toBeGreaterThan(0)
        expect(column).toBeLessThanOrEqual((before?.length ?? -1) + 1)
      }),
    )
  })
})
