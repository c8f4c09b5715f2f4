/** Where a run stands, for people: its state, and in one sentence what it waits for or why it ended. */
import type { RunState } from '#lib/pipeline/run.ts'
import type { Confirmation } from './confirmation.ts'
import type { Publisher } from './mqtt/publisher.ts'

export interface Ending {
  readonly state: Extract<RunState, 'finished' | 'stopped' | 'failed'>
  readonly reason: string | null
  /** The checkpoint is waited for until then, in monotonic ms. */
  readonly until: number
}

export interface Situation {
  /** Set once nothing new is sent. */
  readonly ending: Ending | null
  /** The ending is through: this is the last word. */
  readonly over: boolean
  readonly paused: boolean
  /** The file is open. */
  readonly begun: boolean
  /** What the publisher waits for; null where it does not. */
  readonly trouble: string | null
  readonly publisher: Publisher
  readonly confirmation: Confirmation
  /** Why the schedule that was asked for last is not in force; null where it is. */
  readonly refusal: string | null
}

export interface Standing {
  readonly state: RunState
  readonly reason: string | null
}

export function standingOf(now: Situation): Standing {
  const { ending, over, publisher } = now
  if (ending !== null && over) {
    const left = publisher.outbox.unconfirmed
    const unconfirmed = ending.state === 'stopped' && left > 0 ? `${left} messages were not confirmed.` : null
    return { state: ending.state, reason: ending.reason ?? unconfirmed }
  }
  const reason = reasonOf(now)
  if (ending !== null) return { state: 'draining', reason }
  if (now.paused) return { state: 'paused', reason }
  return { state: now.begun && publisher.proven ? 'running' : 'starting', reason }
}

function reasonOf({ trouble, begun, ending, publisher: { outbox }, confirmation, refusal }: Situation): string | null {
  if (trouble !== null) return trouble
  if (!begun) return 'The file is being read.'
  const obstacle = confirmation.obstacle ?? confirmation.trouble
  if ((ending !== null || outbox.full) && obstacle !== null) return obstacle
  if (ending !== null) return `Kafka does not have the last ${outbox.unconfirmed} messages yet.`
  if (outbox.full) return `Kafka does not have ${outbox.unconfirmed} messages yet; no more are sent ahead.`
  return refusal
}
