/** A run: one replay of a file from start to end. Its options, its life and what the replay counts. */
import { z } from 'zod'

/** A file that may be replayed from the browser, as `GET /api/files` lists it. */
export interface TweetFile {
  /** Absolute. */
  readonly path: string
  readonly name: string
  readonly bytes: number
  /** ms since the epoch. */
  readonly modifiedAt: number
  /** Made by `aviary sample`: its users are synthetic. */
  readonly sample: boolean
}

export const Mode = z.enum(['sequential', 'shuffle', 'random'])
/** `random` draws with replacement, as the original publisher did; `shuffle` sends each tweet once in seeded order. */
export type Mode = z.infer<typeof Mode>

export const Schedule = z.discriminatedUnion('kind', [
  /** One message every `seconds`: the original used 2. */
  z.object({ kind: z.literal('interval'), seconds: z.number().positive().max(86_400) }),
  /** Evenly paced messages a second. */
  z.object({ kind: z.literal('rate'), perSecond: z.number().positive().max(1_000_000) }),
  /** As fast as the pipeline takes them. */
  z.object({ kind: z.literal('max') }),
  /** Random gaps with the given mean rate. */
  z.object({ kind: z.literal('poisson'), perSecond: z.number().positive().max(1_000_000) }),
  /** `size` messages at once, every `everySeconds`. */
  z.object({
    kind: z.literal('burst'),
    size: z.number().int().positive().max(100_000),
    everySeconds: z.number().positive().max(86_400),
  }),
  /** A day in `daySeconds`: quiet at night, `perSecond` on average. */
  z.object({
    kind: z.literal('diurnal'),
    perSecond: z.number().positive().max(1_000_000),
    daySeconds: z
      .number()
      .positive()
      .max(86_400 * 7),
  }),
  /** The file's own time field, `speed` times as fast. */
  z.object({ kind: z.literal('file-time'), speed: z.number().positive().max(1_000_000) }),
])
export type Schedule = z.infer<typeof Schedule>

/** How far a run goes; both may be changed while it goes on. */
export const Bounds = z.object({
  /** Start again at the end of the file; `random` has no end and goes on anyway. */
  loop: z.boolean(),
  /** Messages in all; null means the whole file (endless for `random` and `loop`). */
  limit: z.number().int().positive().nullable(),
})
export type Bounds = z.infer<typeof Bounds>

/** What is not named stays as it is. */
export const BoundsChange = Bounds.partial().refine((change) => Object.keys(change).length > 0, 'name loop or limit')
export type BoundsChange = z.infer<typeof BoundsChange>

export const RunOptions = z.object({
  /** Absolute path of the tweets file. */
  file: z.string().min(1),
  mode: Mode.default('sequential'),
  schedule: Schedule.default({ kind: 'interval', seconds: 2 }),
  seed: z.number().int().min(0).max(0xffffffff).default(1),
  limit: Bounds.shape.limit.default(null),
  loop: Bounds.shape.loop.default(false),
})
export type RunOptions = z.infer<typeof RunOptions>

export const runStates = ['starting', 'running', 'paused', 'draining', 'finished', 'stopped', 'failed'] as const
/** `draining`: everything is read and sent, the connector has not committed all of it yet. */
export const RunState = z.enum(runStates)
export type RunState = z.infer<typeof RunState>
export const endedStates: readonly RunState[] = ['finished', 'stopped', 'failed']

export const Reject = z.object({
  /** Where it stands in the file, 1-based; null where the shape has no lines. */
  line: z.number().int().nullable(),
  column: z.number().int().nullable(),
  /** 0-based position among the file's tweets. */
  index: z.number().int().nullable(),
  reason: z.string(),
})
export type Reject = z.infer<typeof Reject>

/** What the replay process writes about itself, several times a second. Counts are of messages. */
export const RunProgress = z.object({
  runId: z.string(),
  state: RunState,
  /** In force, as it may be changed while the run goes on; absent where nothing has been told yet: as in the options. */
  schedule: Schedule.optional(),
  /** In force, likewise. */
  bounds: Bounds.optional(),
  /** Tweets taken from the file. */
  read: z.number().int(),
  /** Tweets that could not be sent; the first 100 with their place. */
  rejected: z.number().int(),
  rejects: z.array(Reject).max(100),
  /** Distinct messages handed to MQTT: the next seq. */
  sent: z.number().int(),
  /** Sendings beyond the first of a message: after reconnects and rewinds. */
  resent: z.number().int(),
  /** Distinct messages with a good PUBACK. */
  acked: z.number().int(),
  /** PUBACKs with a reason code of 0x80 or above; each is retried. */
  refused: z.number().int(),
  /** Highest seq that the connector has committed in Kafka without a gap; -1 for none: the checkpoint. */
  committed: z.number().int(),
  /** Messages a second over the last second. */
  rate: z.number(),
  /** Tweets the run will send in all, where that is known. */
  total: z.number().int().nullable(),
  bytesRead: z.number(),
  bytesTotal: z.number().nullable(),
  /** What it waits for or why it ended, in one sentence. */
  reason: z.string().nullable(),
  startedAt: z.number(),
  updatedAt: z.number(),
  endedAt: z.number().nullable(),
})
export type RunProgress = z.infer<typeof RunProgress>
