/**
 * The ledger: counts each run's messages in Kafka and in Druid beside what the replay says it sent. Beside the line, not
 * on it: it only reads. Restarted, it counts again from where the run began, so nothing is ever counted twice.
 */
import { setTimeout as delay } from 'node:timers/promises'
import pLimit from 'p-limit'
import type { Tail, TopicBatch } from '#lib/engines/kafka/index.ts'
import type { Ledger } from '#lib/pipeline/ledger.ts'
import { endedStates } from '#lib/pipeline/run.ts'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { topics } from '#lib/pipeline/stages.ts'
import { type LedgerEngines, TrackedRun } from './tracked-run.ts'

export type { LedgerEngines } from './tracked-run.ts'

/** Runs counted as they go; an older one is counted when somebody asks. */
const mostTracked = 2
/** An ended run without a final ledger is worth counting again at a start, if it is not long past. */
const recentMs = 10 * 60_000
const mostRemembered = 10_000
const retryMs = 2_000

/** All that passes in the topic `tweets`, whatever run it belongs to. */
export interface TopicTraffic {
  /** Records since `since`. */
  readonly records: number
  /** ms since the epoch. */
  readonly since: number
  /** Kafka's time of the newest record seen; null while none was. */
  readonly lastAt: number | null
}

export class LedgerKeeper {
  readonly #engines: LedgerEngines
  readonly #runs = new Map<string, RunSnapshot>()
  readonly #tracked = new Map<string, TrackedRun>()
  readonly #counting = new Map<string, Promise<Ledger>>()
  /** Counting an old run reads Kafka from where it began, beside the line that must go on. */
  readonly #oneAtATime = pLimit(1)
  readonly #listeners = new Set<(ledger: Ledger) => void>()
  readonly #closed = new AbortController()
  readonly #watching: Promise<Tail | null>
  #traffic: TopicTraffic | null = null

  constructor(engines: LedgerEngines) {
    this.#engines = engines
    this.#watching = this.#watchTopic()
  }

  /** Takes a run's newest state; begins to count it when it is open, or ended lately and not counted to the end. */
  track(run: RunSnapshot): void {
    this.#remember(run)
    const tracked = this.#tracked.get(run.id)
    if (tracked) tracked.update(run)
    else if (!this.#closed.signal.aborted && isWorthCounting(run)) this.#begin(run)
  }

  /** As counted last; null when it is not being counted. */
  current(runId: string): Ledger | null {
    return this.#tracked.get(runId)?.ledger() ?? null
  }

  /**
   * Counts now. For an ended run it waits until nothing is on its way any more, at most until `signal` aborts; then
   * `lost` stays null. Never rejects for an engine's fault: what could not be asked is null. Who asks while a count is
   * under way gets that one.
   */
  count(runId: string, signal: AbortSignal): Promise<Ledger> {
    const under = this.#counting.get(runId)
    if (under !== undefined) return under
    const counted = this.#count(runId, signal).finally(() => this.#counting.delete(runId))
    this.#counting.set(runId, counted)
    return counted
  }

  async #count(runId: string, signal: AbortSignal): Promise<Ledger> {
    const tracked = this.#tracked.get(runId)
    if (tracked) return tracked.count(signal)
    const run = this.#runs.get(runId)
    if (run === undefined) throw new Error(`The run ${runId} is not known to the ledger.`)
    return this.#oneAtATime(async () => {
      const alone = new TrackedRun(run, this.#engines, (ledger) => this.#tell(ledger), true)
      try {
        return await alone.count(signal)
      } finally {
        await alone.close()
      }
    })
  }

  /** Null while Kafka could not be read yet. */
  traffic(): TopicTraffic | null {
    return this.#traffic
  }

  /** Called with a run's ledger when it has changed, a few times a second at most. Returns the unsubscribe. */
  onChange(listener: (ledger: Ledger) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#closed.abort()
    this.#listeners.clear()
    const tracked = [...this.#tracked.values()]
    this.#tracked.clear()
    await Promise.all([...tracked.map((t) => t.close()), this.#watching.then((tail) => tail?.close())])
  }

  #remember(run: RunSnapshot): void {
    this.#runs.delete(run.id)
    this.#runs.set(run.id, run)
    const [oldest] = this.#runs.keys()
    if (this.#runs.size > mostRemembered && oldest !== undefined) this.#runs.delete(oldest)
  }

  #begin(run: RunSnapshot): void {
    const tracked = new TrackedRun(run, this.#engines, (ledger) => this.#tell(ledger))
    this.#tracked.set(run.id, tracked)
    tracked.follow().catch((error: unknown) => {
      if (!this.#closed.signal.aborted) this.#engines.log.error({ err: error, run: run.id }, 'a run is not counted')
    })
    const surplus = [...this.#tracked.values()].sort((a, b) => b.run.createdAt - a.run.createdAt).slice(mostTracked)
    for (const old of surplus) {
      this.#tracked.delete(old.run.id)
      void old.close()
    }
  }

  #tell(ledger: Ledger): void {
    for (const listener of this.#listeners) listener(ledger)
  }

  async #watchTopic(): Promise<Tail | null> {
    const { kafka } = this.#engines
    const signal = this.#closed.signal
    while (!signal.aborted) {
      try {
        const since = Date.now()
        const tail = await kafka.tail({ from: 'latest', onBatch: (batch) => this.#note(batch, since), signal })
        this.#traffic ??= { records: 0, since, lastAt: null }
        return tail
      } catch {
        // Kafka is not there yet.
        await delay(retryMs, undefined, { signal }).catch(() => {})
      }
    }
    return null
  }

  #note({ topic, records }: TopicBatch, since: number): void {
    if (topic !== topics.tweets) return
    const before = this.#traffic ?? { records: 0, since, lastAt: null }
    const at = Number(records.at(-1)?.timestamp)
    this.#traffic = {
      ...before,
      records: before.records + records.length,
      lastAt: Math.max(before.lastAt ?? 0, at),
    }
  }
}

function isWorthCounting({ progress, ledger }: RunSnapshot): boolean {
  if (!endedStates.includes(progress.state)) return true
  return ledger?.lost == null && Date.now() - (progress.endedAt ?? progress.updatedAt) < recentMs
}
