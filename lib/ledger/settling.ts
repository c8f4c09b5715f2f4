/** When the figures of an ended run are final. Too early would call messages lost that are still on their way. */
import type { SupervisorSnapshot } from '#lib/pipeline/snapshot.ts'
import { datasource } from '#lib/pipeline/stages.ts'
import type { DruidCount } from './figures.ts'
import type { KafkaCount } from './kafka-tally.ts'

/** Longer than a peon needs to be replaced, during which rows disappear and come back. */
const standstillMs = 30_000
/** Druid counts transaction markers behind the last record as lag: one for each transaction that a partition saw last. */
const mostMarkers = 100

/** Watches a count: how long it has stood, and whether it stands lower than it once did. */
export class Standstill {
  #last: number | null = null
  #highest = 0
  #since = 0

  see(count: number, now: number): void {
    if (count !== this.#last) this.#since = now
    this.#last = count
    this.#highest = Math.max(this.#highest, count)
  }

  /** A count that has dropped does not stand still: the rows come back when the next peon has read them again. */
  isLong(now: number): boolean {
    return this.#last !== null && this.#last === this.#highest && now - this.#since >= standstillMs
  }
}

export interface DruidState {
  /** All published segments are served. */
  readonly served: boolean
  /** The count has stood for long. */
  readonly still: boolean
  /** Null: could not be asked. */
  readonly supervisors: readonly SupervisorSnapshot[] | null
}

/**
 * True when every message has arrived and Druid has what Kafka has; or when nothing moves any more although Druid works
 * and has nothing left to read. `kafka` must have been counted after `druid`, or rows could hide records still to come.
 */
export function isSettled(sent: number, kafka: KafkaCount, druid: DruidCount, state: DruidState): boolean {
  if (!state.served || druid.distinct === null || kafka.distinct === null || kafka.deadLetters === null) return false
  const caughtUp = druid.distinct >= kafka.distinct
  if (caughtUp && kafka.distinct + kafka.deadLetters >= sent) return true
  if (!state.still) return false
  const supervisor = state.supervisors?.find((s) => s.id === datasource)
  const idle = supervisor?.status.state === 'up' && (supervisor.aggregateLag ?? Infinity) <= mostMarkers
  return caughtUp || idle
}
