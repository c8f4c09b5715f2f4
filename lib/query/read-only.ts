/**
 * Lets one reading statement through to the engine and nothing else: first by its first word, then by what is refused inside it.
 * Decides on tokens, so that neither comments nor strings can deceive it.
 */
import type { QueryEngine } from '#lib/pipeline/query.ts'
import { refusal } from './refusal.ts'
import { type Token, tokenise } from './tokens.ts'

/** Words of `EXPLAIN` before the query that is explained. With `ANALYZE` Hive runs it, so the query is checked like any other. */
const explainWords: Readonly<Record<QueryEngine, readonly string[]>> = {
  druid: ['PLAN', 'FOR'],
  hive: [
    ...['EXTENDED', 'FORMATTED', 'DEPENDENCY', 'AUTHORIZATION', 'ANALYZE', 'LOCKS', 'AST', 'CBO', 'COST', 'JOINCOST'],
    ...['VECTORIZATION', 'ONLY', 'SUMMARY', 'OPERATOR', 'EXPRESSION', 'DETAIL'],
  ],
}

const beginnings: Readonly<Record<QueryEngine, readonly string[]>> = {
  druid: ['SELECT', 'WITH', 'EXPLAIN'],
  hive: ['SELECT', 'WITH', 'EXPLAIN', 'SHOW', 'DESCRIBE', 'DESC'],
}

/** Bare words that make a query write or run programs: `WITH … INSERT`, `FROM x INSERT`, `TRANSFORM (…) USING`, `REDUCE … USING`. */
const refusedWords: Readonly<Record<QueryEngine, readonly string[]>> = {
  druid: ['INSERT', 'INTO', 'OVERWRITE'],
  hive: ['INSERT', 'INTO', 'OVERWRITE', 'TRANSFORM', 'REDUCE'],
}

/**
 * Functions that reach beyond the tables, in quotes or not: Druid's EXTERN reads files and addresses; in Hive `reflect` and its
 * kin call any Java method, `in_file` reads the server's files, the `splits` functions run the statement in their argument.
 */
const refusedFunctions: Readonly<Record<QueryEngine, readonly string[]>> = {
  druid: ['EXTERN'],
  hive: [
    ...['REFLECT', 'REFLECT2', 'JAVA_METHOD', 'IN_FILE'],
    ...['GET_SPLITS', 'GET_LLAP_SPLITS', 'GET_SQL_SCHEMA', 'EXECUTE_SPLITS'],
  ],
}

/** The statement as the engine may get it: without comments and the semicolon at its end. Throws Problem 422 with the place. */
export function readOnly(sql: string, engine: QueryEngine): string {
  const { tokens, text } = tokenise(sql, engine)
  const last = tokens.findLastIndex((token) => !isSymbol(token, ';'))
  const check = new Check(sql, tokens.slice(0, last + 1), engine)
  check.reads()
  check.isOne()
  check.isHarmless()
  if (engine === 'hive') checkSubstitution(sql, text)
  return tokens.slice(last + 1).reduce((kept, { at, end }) => `${kept.slice(0, at)} ${kept.slice(end)}`, text)
}

/**
 * Unless its settings forbid it, Hive does it in the text before it reads it, in strings too, and so would tell its environment and
 * its passwords.
 */
function checkSubstitution(sql: string, text: string): void {
  const at = text.indexOf('${')
  if (at >= 0) throw refusal(sql, at, '${ is refused: Hive would put a setting of its own in its place')
}

class Check {
  readonly #sql: string
  readonly #tokens: readonly Token[]
  readonly #engine: QueryEngine

  constructor(sql: string, tokens: readonly Token[], engine: QueryEngine) {
    this.#sql = sql
    this.#tokens = tokens
    this.#engine = engine
  }

  reads(): void {
    if (this.#tokens.length === 0) throw refusal(this.#sql, 0, 'There is no statement to run')
    const known = beginnings[this.#engine]
    const first = this.#tokens[0]
    if (!isWord(first, ...known)) throw this.#refuse(first, `cannot begin a query: only ${known.join(', ')} can`)
    if (!isWord(first, 'EXPLAIN')) return
    const explained = this.#tokens.slice(1).find((token) => !isWord(token, ...explainWords[this.#engine]))
    if (!isWord(explained, 'SELECT', 'WITH'))
      throw this.#refuse(explained, 'cannot be explained: only SELECT, WITH can')
  }

  isOne(): void {
    const end = this.#tokens.findIndex((token) => isSymbol(token, ';'))
    if (end >= 0) throw this.#refuse(this.#tokens[end + 1], 'begins a second statement: one is run at a time')
  }

  isHarmless(): void {
    for (const [index, token] of this.#tokens.entries()) {
      const next = this.#tokens[index + 1]
      const isIdentifier = token.kind === 'word' || token.kind === 'name'
      if (isWord(token, ...refusedWords[this.#engine])) throw this.#refuse(token, 'is refused: a query only reads')
      if (isIdentifier && refusedFunctions[this.#engine].includes(token.text.toUpperCase()))
        throw this.#refuse(token, 'is refused: a query reads tables only')
      if (this.#engine === 'hive') this.#isNoProgram(token, next)
      else if (isWord(token, 'TABLE') && isSymbol(next, '(')) this.#readsTables(this.#tokens[index + 2])
    }
  }

  /** `MAP … USING 'program'`; in `JOIN … USING (column)` the word names none. */
  #isNoProgram(token: Token, next: Token | undefined): void {
    if (isWord(token, 'USING') && !isSymbol(next, '(')) throw this.#refuse(token, 'is refused: it would run a program')
  }

  /** `TABLE(APPEND(…))` puts datasources together; the other table functions read what lies outside Druid. */
  #readsTables(token: Token | undefined): void {
    if (!isWord(token, 'APPEND'))
      throw this.#refuse(token, 'is refused: of the table functions only APPEND reads tables')
  }

  #refuse(token: Token | undefined, why: string): Error {
    return refusal(this.#sql, token?.at ?? this.#sql.length, `${this.#written(token)} ${why}`)
  }

  /** As it stands in the statement, cut where it is long. */
  #written(token: Token | undefined): string {
    if (token === undefined) return 'The end'
    const text = this.#sql.slice(token.at, token.end)
    return text.length > longestWritten ? `${text.slice(0, longestWritten)}…` : text
  }
}

const longestWritten = 40

const isWord = (token: Token | undefined, ...words: readonly string[]): boolean =>
  token?.kind === 'word' && words.includes(token.text)

const isSymbol = (token: Token | undefined, symbol: string): boolean =>
  token?.kind === 'symbol' && token.text === symbol
