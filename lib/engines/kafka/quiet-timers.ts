/**
 * kafkajs 2.2.4 checks every connection's queue of waiting requests once a millisecond, for ever, also when nothing
 * waits: a percent of a core each, and a TimeoutNegativeWarning in the log. Here it looks only when there is something.
 */
import { createRequire } from 'node:module'

interface RequestQueue {
  readonly pending: readonly unknown[]
  /** ms since the epoch; -1 when the broker does not throttle. */
  readonly throttledUntil: number
  scheduleCheckPendingRequests(): void
}

const queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { prototype: RequestQueue }
const schedule = queue.prototype.scheduleCheckPendingRequests

/** Idempotent; for all connections of this process. */
export function quietTimers(): void {
  queue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this)
  }
}
