/** What Druid 33 answers. Unknown members are left out; offsets and lags are 64 bit. */
import { z } from 'zod'
import { decimal } from '#lib/engines/json.ts'

const Offsets = z.record(z.string(), decimal)
const lag = z.union([z.number(), z.string()]).transform(Number).nullish()

/** `GET /druid/indexer/v1/supervisor/ID/status` */
export const SupervisorStatus = z.object({
  id: z.string(),
  payload: z.object({
    state: z.string(),
    detailedState: z.string(),
    suspended: z.boolean(),
    healthy: z.boolean(),
    activeTasks: z.array(z.object({ id: z.string(), currentOffsets: Offsets.nullish() })).default([]),
    latestOffsets: Offsets.nullish(),
    minimumLag: z.record(z.string(), lag).nullish(),
    aggregateLag: lag,
    offsetsLastUpdated: z.string().nullish(),
    recentErrors: z
      .array(z.object({ timestamp: z.string().optional(), exceptionClass: z.string(), message: z.string().nullish() }))
      .default([]),
  }),
})
export type SupervisorStatus = z.infer<typeof SupervisorStatus>

/** `GET /druid/indexer/v1/supervisor/ID/stats`: by task group and task, as the tasks that answered have just said themselves. */
export const SupervisorStats = z.record(z.string(), z.record(z.string(), z.unknown()))

export const SupervisorIds = z.array(z.string())

const Cell = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** `POST /druid/v2/sql` with `resultFormat: array` and a header: first the names, then the rows. */
export const SqlReply = z.array(z.array(Cell)).min(1)
