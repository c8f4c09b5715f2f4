/**
 * The words of a statement, for the guard to decide on. Strings, names in quotes and comments end here exactly where they end for
 * the engine (Calcite's parser as Druid 33 sets it up; HiveLexer of Hive 4.0 with its default quoting); what the two could read
 * differently is refused. Comments are taken out of the text that the engine gets, so nothing can hide in them.
 */
import type { QueryEngine } from '#lib/pipeline/query.ts'
import { refusal } from './refusal.ts'

/** `name` is an identifier in quotes; a bare one is a `word`, as keywords are. */
export interface Token {
  readonly kind: 'word' | 'name' | 'number' | 'string' | 'symbol'
  /** A word in upper case; a name without its quotes; anything else as it stands. */
  readonly text: string
  /** Where it stands in the statement: `sql.slice(at, end)`. */
  readonly at: number
  readonly end: number
}

export interface Statement {
  readonly tokens: readonly Token[]
  /** As long as the original, each comment replaced by blanks, so that positions stay the same. */
  readonly text: string
}

interface Dialect {
  readonly lineComments: readonly string[]
  /** Quotes of strings. */
  readonly strings: string
  /** Quotes of names. */
  readonly names: string
  /** In a string a backslash takes the next character with it; otherwise it is a character like others. */
  readonly escapes: boolean
}

const dialects: Readonly<Record<QueryEngine, Dialect>> = {
  druid: { lineComments: ['--', '//'], strings: "'", names: '"', escapes: false },
  hive: { lineComments: ['--'], strings: `'"`, names: '`', escapes: true },
}

const word = /[A-Za-z_][A-Za-z0-9_]*/y
const digits = /[0-9][A-Za-z0-9_]*/y
/** With Hive's endings for types and sizes; of `1e-5` the part before the sign. */
const number = /^(\d+(e\d*)?([lysmtkg]|bd|d|f)?|0x[0-9a-f]+)$/i

/** Throws Problem 422. */
export function tokenise(sql: string, engine: QueryEngine): Statement {
  return new Tokeniser(sql, dialects[engine]).run()
}

class Tokeniser {
  readonly #sql: string
  readonly #dialect: Dialect
  readonly #tokens: Token[] = []
  readonly #text: string[] = []
  #at = 0

  constructor(sql: string, dialect: Dialect) {
    this.#sql = sql
    this.#dialect = dialect
  }

  run(): Statement {
    while (this.#at < this.#sql.length) {
      const from = this.#at
      const isComment = this.#step()
      const part = this.#sql.slice(from, this.#at)
      this.#text.push(isComment ? part.replaceAll(/[^\n]/g, ' ') : part)
    }
    return { tokens: this.#tokens, text: this.#text.join('') }
  }

  /** Reads what begins here, and tells whether it was a comment. */
  #step(): boolean {
    const { lineComments, strings, names } = this.#dialect
    const char = this.#sql[this.#at] ?? ''
    if (this.#isBlank(char)) this.#at++
    else if (lineComments.some((begin) => this.#sql.startsWith(begin, this.#at))) return this.#lineComment()
    else if (this.#sql.startsWith('/*', this.#at)) return this.#blockComment()
    else if (strings.includes(char)) return this.#quoted('string', char)
    else if (names.includes(char)) return this.#quoted('name', char)
    else if (!this.#match(word, 'word') && !this.#number()) this.#symbol(char)
    return false
  }

  /** A carriage return alone ends a line for some readers of Hive and not for others. */
  #isBlank(char: string): boolean {
    return char === ' ' || char === '\t' || char === '\n' || (char === '\r' && this.#sql[this.#at + 1] === '\n')
  }

  #lineComment(): true {
    const end = this.#sql.indexOf('\n', this.#at)
    this.#at = end < 0 ? this.#sql.length : end
    return true
  }

  #blockComment(): true {
    if (this.#sql[this.#at + 2] === '+') throw refusal(this.#sql, this.#at, 'A hint is refused')
    const end = this.#sql.indexOf('*/', this.#at + 2)
    if (end < 0) throw refusal(this.#sql, this.#at, 'A comment begins here and does not end')
    const inner = this.#sql.indexOf('/*', this.#at + 2)
    if (inner >= 0 && inner < end) throw refusal(this.#sql, inner, 'A comment inside a comment is refused')
    this.#at = end + 2
    return true
  }

  /** Two quotes in a row stand for one: for Hive's strings, whose parts join, that comes to the same end. */
  #quoted(kind: 'string' | 'name', quote: string): false {
    const begin = this.#at
    const escapes = kind === 'string' && this.#dialect.escapes
    for (this.#at++; this.#at < this.#sql.length; this.#at++) {
      const char = this.#sql[this.#at]
      if (escapes && char === '\\') this.#at++
      else if (char === quote && this.#sql[this.#at + 1] === quote) this.#at++
      else if (char === quote) {
        const inner = this.#sql.slice(begin + 1, this.#at++)
        this.#add(kind, kind === 'name' ? inner.replaceAll(quote + quote, quote) : inner, begin)
        return false
      }
    }
    throw refusal(this.#sql, begin, `What begins with ${quote} does not end`)
  }

  #match(pattern: RegExp, kind: 'word' | 'number'): boolean {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#sql)?.[0]
    if (found === undefined) return false
    this.#at += found.length
    this.#add(kind, kind === 'word' ? found.toUpperCase() : found, this.#at - found.length)
    return true
  }

  /** `1INSERT` is one word for Hive and `1.1INSERT` two. */
  #number(): boolean {
    const begin = this.#at
    if (!this.#match(digits, 'number')) return false
    const text = this.#tokens.at(-1)?.text ?? ''
    if (!number.test(text)) throw refusal(this.#sql, begin, `${text} begins with a digit: put it in quotes`)
    return true
  }

  #symbol(char: string): void {
    if (char < '!' || char > '~')
      throw refusal(this.#sql, this.#at, `${shown(this.#sql.codePointAt(this.#at) ?? 0)} is refused outside quotes`)
    this.#at++
    this.#add('symbol', char, this.#at - 1)
  }

  #add(kind: Token['kind'], text: string, at: number): void {
    this.#tokens.push({ kind, text, at, end: this.#at })
  }
}

/** A character that may be invisible. */
function shown(codePoint: number): string {
  const char = String.fromCodePoint(codePoint)
  const code = `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(char) ? `${char} (${code})` : code
}
