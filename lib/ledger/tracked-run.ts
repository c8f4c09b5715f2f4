/** One run's figures, kept up to date while it lasts and settled when it has ended. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { DruidEngine } from '#lib/engines/druid/index.ts'
import type { KafkaEngine, Tail } from '#lib/engines/kafka/index.ts'
import type { Ledger } from '#lib/pipeline/ledger.ts'
import { endedStates } from '#lib/pipeline/run.ts'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { Appearance } from './appearance.ts'
import { DistinctRows, newestRow, type RunRows } from './druid-count.ts'
import { type DruidCount, type Figures, ledgerOf } from './figures.ts'
import { KafkaTally } from './kafka-tally.ts'
import { isSettled, Standstill } from './settling.ts'

export interface LedgerEngines {
  readonly kafka: Pick<KafkaEngine, 'positionsAt' | 'tail' | 'lookBack'>
  readonly druid: Pick<DruidEngine, 'sqlOnTweets' | 'isComplete' | 'supervisors'>
  readonly log: Logger
}

/** No message of a run is older than its creation; clocks and Kafka's time index may differ a little. */
const beforeCreationMs = 5_000
/** After a batch has come to Kafka its rows show in Druid within tens of ms: asking then samples what users see. */
const afterBatchMs = 50
const askEveryMs = 500
const askIdleMs = 5_000
const distinctEveryMs = 5_000
const askWithinMs = 10_000
const retryMs = 2_000
/** The longest that a timer takes; it ends with its signal. */
const forever = 2 ** 31 - 1

export class TrackedRun {
  readonly #engines: LedgerEngines
  readonly #onChange: (ledger: Ledger) => void
  readonly #tally: KafkaTally
  readonly #rows: RunRows
  readonly #distinct: DistinctRows
  readonly #appearance = new Appearance()
  readonly #standstill = new Standstill()
  readonly #closed = new AbortController()
  readonly #attached: Promise<Tail>
  #run: RunSnapshot
  #complete = true
  #druid: DruidCount | null = null
  #askedAt = Date.now()
  #settled = false
  #wake = Promise.withResolvers<void>()

  /** `alone` reads Kafka by itself instead of with the others: for runs of long ago. */
  constructor(run: RunSnapshot, engines: LedgerEngines, onChange: (ledger: Ledger) => void, alone = false) {
    this.#run = run
    this.#engines = engines
    this.#onChange = onChange
    this.#tally = new KafkaTally(run.id)
    this.#rows = { runId: run.id, since: run.createdAt - beforeCreationMs }
    this.#distinct = new DistinctRows(engines.druid, this.#rows)
    this.#attached = this.#attach(alone)
    this.#attached.catch(() => {}) // whoever needs it awaits it
  }

  get run(): RunSnapshot {
    return this.#run
  }

  update(run: RunSnapshot): void {
    const ended = this.#hasEnded
    this.#run = run
    if (this.#hasEnded && !ended) this.#wake.resolve()
  }

  ledger(): Ledger {
    return ledgerOf(this.#run, this.#figures(), this.#settled)
  }

  /** Asks as long as the run is open, and until it is settled; then rests, ready to be counted again. */
  async follow(): Promise<void> {
    // It rejects only when the run is given up.
    await this.#attached.catch(() => {})
    let told = ''
    while (!this.#closed.signal.aborted && !this.#settled) {
      await this.#askDruid(AbortSignal.any([this.#closed.signal, AbortSignal.timeout(askWithinMs)]))
      if (this.#hasEnded) await this.#settle(AbortSignal.any([this.#closed.signal, AbortSignal.timeout(askWithinMs)]))
      const ledger = this.ledger()
      const figures = JSON.stringify({ ...ledger, countedAt: 0 })
      if (figures !== told) this.#onChange(ledger)
      told = figures
      await this.#untilDue()
    }
  }

  /**
   * Everything counted at this moment; for an ended run, waits until that is settled or `signal` aborts. A run that was settled
   * before is no exception: while Druid replaces a task, rows are away for a while, and calling them lost would be wrong.
   */
  async count(signal: AbortSignal): Promise<Ledger> {
    const until = AbortSignal.any([signal, this.#closed.signal])
    let figures: Figures = { ...this.#figures(), kafka: null, druid: null }
    let settled = false
    try {
      await Promise.race([this.#attached, delay(forever, undefined, { signal: until, ref: false })])
      for (let first = true; first || (this.#hasEnded && !settled); first = false) {
        if (!first) await delay(askEveryMs, undefined, { signal: until })
        figures = await this.#countAfresh(until)
        if (this.#hasEnded) settled = await this.#judge(figures, until)
      }
    } catch {
      // Out of time: what is known is told, and what could not be asked stays null.
    }
    return ledgerOf(this.#run, figures, settled)
  }

  async close(): Promise<void> {
    this.#closed.abort()
    this.#wake.resolve()
    await this.#attached.then((tail) => tail.close()).catch(() => {})
  }

  get #hasEnded(): boolean {
    return endedStates.includes(this.#run.progress.state)
  }

  #figures(): Figures {
    const kafka = this.#complete ? this.#tally.count() : null
    const { visible, ingest } = this.#appearance
    return { kafka, druid: this.#druid, visible, ingest, countedAt: this.#askedAt }
  }

  async #attach(alone: boolean): Promise<Tail> {
    const { kafka, log } = this.#engines
    const signal = this.#closed.signal
    for (;;) {
      try {
        const { positions, complete } = await kafka.positionsAt(this.#rows.since, signal)
        this.#complete = complete
        const onBatch = (batch: Parameters<KafkaTally['take']>[0]) => {
          if (this.#tally.take(batch)) this.#wake.resolve()
        }
        return await (alone ? kafka.lookBack : kafka.tail)({ from: positions, onBatch, signal })
      } catch (error) {
        signal.throwIfAborted()
        log.debug({ err: error, run: this.#run.id }, 'the run cannot be counted in Kafka yet')
        await delay(retryMs, undefined, { signal })
      }
    }
  }

  /** Ends soon after something has come to Kafka, at the latest after a while, never at once. */
  async #untilDue(): Promise<void> {
    const began = Date.now()
    const timer = setTimeout(this.#wake.resolve, this.#hasEnded ? askEveryMs : askIdleMs)
    await this.#wake.promise
    clearTimeout(timer)
    this.#wake = Promise.withResolvers<void>()
    const pause = Math.max(afterBatchMs, askEveryMs - (Date.now() - began))
    await delay(pause, undefined, { signal: this.#closed.signal }).catch(() => {})
  }

  async #askDruid(signal: AbortSignal): Promise<void> {
    try {
      const distinct = await this.#distinctIfDue(signal)
      const newest = await newestRow(this.#engines.druid, this.#rows, signal)
      const now = Date.now()
      this.#druid = newest && { total: newest.total, ...distinct }
      if (newest === null) return this.#appearance.miss()
      this.#appearance.see(newest, now)
      this.#standstill.see(newest.total, now)
    } catch (error) {
      this.#engines.log.debug({ err: error, run: this.#run.id }, 'the run cannot be counted in Druid now')
      this.#druid = null
      this.#appearance.miss()
    } finally {
      this.#askedAt = Date.now()
    }
  }

  /** Dear, so only now and then; before the total, so that it is never the larger one of the two. */
  async #distinctIfDue(signal: AbortSignal): Promise<Omit<DruidCount, 'total'>> {
    const { total = null, distinct = null, distinctAt = null } = this.#druid ?? {}
    const now = Date.now()
    const same = distinct !== null && total === distinct
    if (distinctAt !== null && (same || now - distinctAt < distinctEveryMs)) return { distinct, distinctAt }
    return { distinct: await this.#distinct.count(signal, { afresh: false }), distinctAt: now }
  }

  async #settle(signal: AbortSignal): Promise<void> {
    try {
      const { kafka } = this.#figures()
      // Counting all distinct rows is dear: only when the total says that it may be the last time.
      if (kafka !== null && (this.#druid?.total ?? -1) < kafka.total && !this.#standstill.isLong(Date.now())) return
      await this.#judge(await this.#countAfresh(signal), signal)
    } catch {
      // Asked again at the next turn.
    }
  }

  async #countAfresh(signal: AbortSignal): Promise<Figures> {
    // Druid first: what it has is then certainly among what Kafka has.
    const druid = await this.#countDruid(this.#engines.druid, signal)
    const kafka = (await this.#caughtUp(signal)) ? this.#figures().kafka : null
    return { ...this.#figures(), kafka, druid }
  }

  async #caughtUp(signal: AbortSignal): Promise<boolean> {
    try {
      const tail = await this.#attached
      await tail.caughtUp(signal)
      return true
    } catch {
      signal.throwIfAborted()
      return false
    }
  }

  async #countDruid(druid: LedgerEngines['druid'], signal: AbortSignal): Promise<DruidCount | null> {
    try {
      const distinct = await this.#distinct.count(signal, { afresh: true })
      const newest = await newestRow(druid, this.#rows, signal)
      if (distinct === null || newest === null) return null
      this.#standstill.see(newest.total, Date.now())
      this.#askedAt = Date.now()
      return { total: newest.total, distinct, distinctAt: this.#askedAt }
    } catch {
      signal.throwIfAborted()
      return null
    }
  }

  /** Whether these figures are the run's last. */
  async #judge(figures: Figures, signal: AbortSignal): Promise<boolean> {
    if (figures.kafka === null || figures.druid === null) return false
    const { druid } = this.#engines
    const served = await druid.isComplete(signal).catch(() => false)
    const state = { served, still: this.#standstill.isLong(Date.now()), supervisors: druid.supervisors() }
    if (!isSettled(this.#run.progress.sent, figures.kafka, figures.druid, state)) return false
    // Whoever asked: these are the run's figures from now on, for everybody.
    this.#settled = true
    this.#druid = figures.druid
    this.#onChange(this.ledger())
    return true
  }
}
