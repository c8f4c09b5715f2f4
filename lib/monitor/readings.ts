/** What each stage has seen, from whoever knows it best: the run where there is one, else the engine's own figures. */
import type { Engines } from '#lib/engines/registry.ts'
import type { LedgerKeeper } from '#lib/ledger/index.ts'
import type { Reading } from '#lib/pipeline/flow.ts'
import { passedIntoKafka } from '#lib/pipeline/ledger.ts'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import type { StageId } from '#lib/pipeline/stages.ts'
import type { Rows } from './rows.ts'

export interface Sources {
  readonly engines: Pick<Engines, 'mosquitto'>
  readonly ledger: Pick<LedgerKeeper, 'current' | 'traffic'>
  readonly rows: Pick<Rows, 'total'>
}

export interface StageReading extends Reading {
  /** ms since the epoch; null when it counts from the beginning of its data. */
  readonly since: number | null
}

/** Mosquitto tells its figures every ten seconds unless configured otherwise. */
const mosquittoWindowMs = 20_000

/** With a run, every stage counts that run, so that neighbours can be compared; without one, all that passes. */
export function readings(run: RunSnapshot | null, sources: Sources): Readonly<Record<StageId, StageReading>> {
  return run === null ? ofEverything(sources) : ofRun(run, sources)
}

/** So long after its end a run still explains what passes. */
const afterRunMs = 15_000

/** Whether what passes in Kafka (`lastAt`: the newest record) comes from others than the run, which has ended. */
export function isPast({ progress }: RunSnapshot, lastAt: number | null): boolean {
  return progress.endedAt !== null && lastAt !== null && lastAt > progress.endedAt + afterRunMs
}

function ofRun(run: RunSnapshot, { ledger }: Sources): Record<StageId, StageReading> {
  const { progress, createdAt: since } = run
  const counted = ledger.current(run.id) ?? run.ledger
  // A run tells how far it is now and then, its connector less often, and Kafka at once: what is there has passed all that lies before.
  const arrived = passedIntoKafka(counted?.kafkaDistinct, counted?.deadLetters)
  const passed = (total: number) => ({ total: Math.max(total, arrived), since })
  return {
    file: passed(progress.read),
    replay: passed(progress.sent),
    mosquitto: passed(progress.acked),
    // The highest position without a gap, so one less than their number.
    connect: passed(progress.committed + 1),
    kafka: { total: sum(counted?.kafka, counted?.deadLetters), since },
    // Dead letters end in Kafka: whoever compares would else wait for them in Druid.
    druid: { total: sum(counted?.druid, counted?.deadLetters), since },
  }
}

function ofEverything({ engines, ledger, rows }: Sources): Record<StageId, StageReading> {
  const none = { total: null, since: null }
  const traffic = ledger.traffic()
  return {
    file: none,
    replay: none,
    mosquitto: { total: engines.mosquitto.traffic()?.received ?? null, since: null, windowMs: mosquittoWindowMs },
    connect: none,
    kafka: { total: traffic?.records ?? null, since: traffic?.since ?? null },
    druid: { total: rows.total, since: null },
  }
}

function sum(count: number | null | undefined, deadLetters: number | null | undefined): number | null {
  return count == null ? null : count + (deadLetters ?? 0)
}
