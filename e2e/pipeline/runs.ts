/** Runs of one file of tweets: started, waited for in the middle, and held against the file when they have ended. */
import { expect, onTestFailed } from 'vitest'
import type { Ledger } from '#lib/pipeline/ledger.ts'
import { endedStates } from '#lib/pipeline/run.ts'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { type TestStack, until } from './stack.ts'
import type { Expected } from './tweets.ts'

interface Row {
  seq: number
  user_id: string
  tweet: string
}

export class Runs {
  readonly #stack: TestStack
  readonly #file: string
  readonly #expected: readonly Expected[]

  constructor(stack: TestStack, file: string, expected: readonly Expected[]) {
    this.#stack = stack
    this.#file = file
    this.#expected = expected
  }

  /** Resolves to the run's id. Call it from a test: if that fails, the run is stopped, and the stack is whole for the next one. */
  async start(rate = '2500', file = this.#file): Promise<string> {
    const options = ['--mode', 'sequential', '--rate', rate]
    const { id } = await this.#stack.json<RunSnapshot>('replay', 'start', file, ...options)
    onTestFailed(() => this.#tidy(id), 400_000)
    return id
  }

  /** One run at a time is taken, so a failed test that left its own under way would fail all others. */
  async #tidy(run: string): Promise<void> {
    await this.#stack.must('up', '--detach')
    // Refused when it has ended already.
    await this.#stack.run('replay', 'stop', run)
    await until(`run ${run} to have ended`, 120, async () =>
      endedStates.includes((await this.progress(run)).state) ? true : null,
    )
  }

  /** A run with something in the middle of it, which costs nothing and needs no hand. */
  async exactThrough(disturb: (run: string) => Promise<unknown>, rate?: string): Promise<void> {
    await this.#stack.healthy()
    const run = await this.start(rate)
    await this.middle(run)
    await disturb(run)
    await this.expectExact(run)
    await this.#stack.healthy()
  }

  async progress(run: string): Promise<RunSnapshot['progress']> {
    const found = (await this.#stack.runs()).find((r) => r.id === run)
    if (!found) throw new Error(`run ${run} is not listed`)
    return found.progress
  }

  /** Waits until the run has sent `share` of its messages, so that what follows happens in the middle. */
  async middle(run: string, share = 0.3): Promise<void> {
    const wanted = share * this.#expected.length
    await until(`run ${run} to have sent ${wanted}`, 120, async () =>
      (await this.progress(run)).sent >= wanted ? true : null,
    )
  }

  /** The ledger once it has been counted at both ends. */
  async closed(run: string): Promise<Ledger> {
    const wait = until(`the ledger of ${run} to be closed`, 300, async () => {
      const ledger = await this.#stack.ledger(run)
      if (ledger.lost !== null && ledger.state === 'finished') return ledger
      throw new Error(JSON.stringify(ledger))
    })
    return wait.catch(async (error: Error) => {
      throw new Error(`${error.message}: ${error.cause}\n${await this.#whereItStands(run)}`, { cause: error })
    })
  }

  /** What every part of the line says of itself: where a run that does not end stands can be read from it. */
  async #whereItStands(run: string): Promise<string> {
    const { stages, connectors, supervisors } = await this.#stack.status()
    return JSON.stringify({ progress: await this.progress(run), stages, connectors, supervisors }, null, 1)
  }

  async expectExact(run: string): Promise<void> {
    const count = this.#expected.length
    expect(await this.closed(run)).toMatchObject({
      ...{ state: 'finished', read: count, rejected: 0, sent: count, acked: count, deadLetters: 0 },
      ...{ kafka: count, kafkaDistinct: count, druid: count, druidDistinct: count, lost: 0, duplicates: 0 },
    })
    // While Druid replaces a task, the rows of that are away, which the ledger may have been closed before.
    const found = await until(`the ${count} rows of ${run}`, 120, async () => {
      const rows = await this.#rows(run)
      if (rows.length === count) return rows
      throw new Error(`Druid gives ${rows.length}`)
    })
    const wrong = found.filter((row, i) => {
      const { userId, tweet } = this.#expected[i] as Expected
      return row.seq !== i || row.user_id !== userId || row.tweet !== tweet
    })
    expect(wrong.slice(0, 3)).toEqual([])
  }

  /** All rows of a run, by seq, read from Druid past the console. */
  async #rows(run: string): Promise<Row[]> {
    const all: Row[] = []
    for (let from = 0; from < this.#expected.length; from += 5_000) {
      const parameters = [
        { type: 'VARCHAR', value: run },
        { type: 'BIGINT', value: from },
        { type: 'BIGINT', value: from + 5_000 },
      ]
      const query = 'SELECT seq, user_id, tweet FROM tweets WHERE run_id = ? AND seq >= ? AND seq < ?'
      all.push(...(await this.#stack.sql<Row>(query, parameters)))
    }
    return all.sort((a, b) => a.seq - b.seq)
  }
}
