/** Asks HiveServer2: a few kept sessions, every question with an end, every fault an EngineError. */
import pLimit from 'p-limit'
import type { SqlTable } from '#lib/pipeline/sql.ts'
import { explain, tooSlow } from './faults.ts'
import { run } from './statement.ts'
import { type HiveAddress, type HiveLogin, HiveSession, orAbort } from './wire.ts'

export interface StatementOptions {
  /** When it aborts, Hive is told to stop and the signal's reason is thrown. */
  readonly signal: AbortSignal
  /** After so long Hive is told to stop: a minute for a query, ten for a statement without rows, if nothing else is said. */
  readonly timeoutMs?: number
}

export interface SqlOptions extends StatementOptions {
  /** No more rows than these are fetched, 10,000 if nothing else is said; that there are more is not told. */
  readonly limit?: number
}

const queryMs = 60_000
const workMs = 600_000
const answerMs = 5_000
const rowLimit = 10_000
/** Each has a share of one small heap. */
const atOnce = 4
/** A kept session saves the next statement a second, and holds memory in Hive. */
const keptMs = 60_000

export class HiveClient {
  readonly #address: HiveAddress
  readonly #login: HiveLogin
  readonly #closed = new AbortController()
  readonly #turns = pLimit(atOnce)
  /** All that are open: in use, kept, or being given up. */
  readonly #sessions = new Set<HiveSession>()
  readonly #kept = new Map<HiveSession, NodeJS.Timeout>()

  constructor(address: HiveAddress, login: HiveLogin) {
    this.#address = address
    this.#login = login
  }

  /** Runs a query. Throws EngineError; when `signal` aborts, throws its reason. */
  sql(statement: string, { signal, timeoutMs = queryMs, limit = rowLimit }: SqlOptions): Promise<SqlTable> {
    return this.#ask(signal, timeoutMs, (session, until) => run(session, statement, limit, until))
  }

  /** Runs a statement that has no rows to show. Throws as `sql` does. */
  async execute(statement: string, { signal, timeoutMs = workMs }: StatementOptions): Promise<void> {
    await this.#ask(signal, timeoutMs, (session, until) => run(session, statement, 0, until))
  }

  /** The cheapest question that the metastore must answer: which databases of one name there are. Throws as `sql` does. */
  async touch(signal: AbortSignal): Promise<void> {
    await this.#ask(signal, answerMs, async (session, until) => {
      const operation = await session.ask((s) => s.getSchemas({ schemaName: 'default' }), until)
      await session.ask(() => operation.close(), until)
    })
  }

  async close(): Promise<void> {
    this.#closed.abort(new Error('the engine was closed'))
    for (const timer of this.#kept.values()) clearTimeout(timer)
    this.#kept.clear()
    for (const session of this.#sessions) session.end()
  }

  async #ask<T>(
    signal: AbortSignal,
    timeoutMs: number,
    question: (session: HiveSession, until: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const timeout = AbortSignal.timeout(timeoutMs)
    const until = AbortSignal.any([signal, timeout, this.#closed.signal])
    try {
      const turn = this.#turns(() => this.#inSession(until, question))
      return await orAbort(turn, until)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (this.#closed.signal.aborted) throw this.#closed.signal.reason
      throw timeout.aborted ? tooSlow(this.#address, timeoutMs) : explain(this.#address, error)
    }
  }

  /** In a kept session or a new one, which is kept afterwards while it is good. */
  async #inSession<T>(
    until: AbortSignal,
    question: (session: HiveSession, until: AbortSignal) => Promise<T>,
  ): Promise<T> {
    until.throwIfAborted()
    const session = this.#takeKept() ?? (await HiveSession.open(this.#address, this.#login, until))
    this.#sessions.add(session)
    session.onEnd = () => this.#forget(session)
    try {
      const answer = await question(session, until)
      this.#keep(session)
      return answer
    } catch (error) {
      // When Hive says no, the session is as good as before. One that is given up ends by itself.
      if (!until.aborted && explain(this.#address, error).code === 'rejected') this.#keep(session)
      else if (!until.aborted) session.end()
      throw error
    }
  }

  #takeKept(): HiveSession | null {
    for (const [session, timer] of this.#kept) {
      clearTimeout(timer)
      this.#kept.delete(session)
      if (!session.ended) return session
    }
    return null
  }

  #keep(session: HiveSession): void {
    if (session.ended) return
    const timer = setTimeout(() => session.end(), keptMs)
    this.#kept.set(session, timer.unref())
  }

  #forget(session: HiveSession): void {
    clearTimeout(this.#kept.get(session))
    this.#kept.delete(session)
    this.#sessions.delete(session)
  }
}
