/** Asks the joint questions for the personality page; behind the static tables in Hive and the stream in Druid. */
import type { DruidEngine } from '#lib/engines/druid/index.ts'
import type { HiveEngine } from '#lib/engines/hive/index.ts'
import type { Answer, QuestionId } from '#lib/pipeline/personality.ts'
import { questions } from '#lib/pipeline/questions.ts'
import type { SqlTable } from '#lib/pipeline/sql.ts'

export interface PersonalityOptions {
  readonly hive: Pick<HiveEngine, 'sql'>
  readonly druid: Pick<DruidEngine, 'sql'>
  /** Changes with every load of the static tables: until then Hive's answers stay the same. */
  readonly loadedAt: () => number
  readonly now?: () => number
}

const withinMs = 60_000
const graceMs = 5_000
/** A bound on what any of the questions can answer: 16 types in each of 60 minutes. */
const mostRows = 2_000
/** Many viewers of a live page cost Druid one query in this time. */
const liveForMs = 2_000
/** Tables may change by other hands than ours. */
const staticForMs = 600_000

interface Asked {
  readonly at: number
  readonly loadedAt: number
  readonly answer: Promise<Answer>
}

export class Personality {
  readonly #options: PersonalityOptions
  readonly #now: () => number
  readonly #asked = new Map<QuestionId, Asked>()

  constructor(options: PersonalityOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
  }

  /**
   * Answers are shared by all who ask within seconds (Druid) or until the tables are loaded anew (Hive), so no caller can cancel
   * one. With `unmask` screen names come whole. Throws EngineError.
   */
  async answer(id: QuestionId, { unmask = false }: { readonly unmask?: boolean } = {}): Promise<Answer> {
    const answer = await this.#shared(id)
    const names = questions[id].names
    if (names === undefined || unmask) return answer
    return { ...answer, table: mask(answer.table, names), masked: true }
  }

  #shared(id: QuestionId): Promise<Answer> {
    const now = this.#now()
    const loadedAt = this.#options.loadedAt()
    const before = this.#asked.get(id)
    const goodFor = questions[id].engine === 'hive' ? staticForMs : liveForMs
    if (before !== undefined && before.loadedAt === loadedAt && now - before.at < goodFor) return before.answer
    const answer = this.#ask(id, now)
    this.#asked.set(id, { at: now, loadedAt, answer })
    answer.catch(() => this.#asked.get(id)?.answer === answer && this.#asked.delete(id))
    return answer
  }

  async #ask(id: QuestionId, from: number): Promise<Answer> {
    const { engine, sql } = questions[id]
    // The engine's own time limit comes first, because its message says more.
    const signal = AbortSignal.timeout(withinMs + graceMs)
    const table = await this.#options[engine].sql(sql, { signal, timeoutMs: withinMs, limit: mostRows })
    const at = this.#now()
    return { question: id, engine, sql, table, at, tookMs: at - from, masked: false }
  }
}

/** `ana_92` becomes `a•••`: enough to tell rows apart, too little to find the person. */
export const maskName = (name: string): string => `${Array.from(name)[0] ?? ''}•••`

function mask({ columns, rows }: SqlTable, column: string): SqlTable {
  const index = columns.indexOf(column)
  return {
    columns,
    rows: rows.map((row) => row.map((value, i) => (i === index && value !== null ? maskName(String(value)) : value))),
  }
}
