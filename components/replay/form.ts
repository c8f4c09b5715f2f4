/** From what a person typed to the options of a run, and the faults of each field. Pure. */
import type { z } from 'zod'
import { Bounds, type Mode, RunOptions, Schedule } from '#lib/pipeline/run.ts'

export type ScheduleKind = Schedule['kind']

/** The parameters of each schedule, in the order they are asked. */
export const scheduleParameters = {
  rate: ['perSecond'],
  max: [],
  interval: ['seconds'],
  poisson: ['perSecond'],
  burst: ['size', 'everySeconds'],
  diurnal: ['perSecond', 'daySeconds'],
  'file-time': ['speed'],
} as const satisfies Record<ScheduleKind, readonly string[]>

export const scheduleKinds = Object.keys(scheduleParameters) as ScheduleKind[]

export type Parameter = 'perSecond' | 'seconds' | 'size' | 'everySeconds' | 'daySeconds' | 'speed'

/** As typed; every parameter keeps its text while another kind is chosen. */
export type ScheduleFields = { readonly kind: ScheduleKind } & Readonly<Record<Parameter, string>>

export const initialSchedule: ScheduleFields = {
  kind: 'rate',
  perSecond: '100',
  seconds: '2',
  size: '100',
  everySeconds: '10',
  daySeconds: '600',
  speed: '60',
}

export interface RunFields {
  readonly file: string
  readonly mode: Mode
  readonly schedule: ScheduleFields
  readonly seed: string
  /** Empty: the whole file. */
  readonly limit: string
  readonly loop: boolean
}

export const initialRun: RunFields = {
  file: '',
  mode: 'sequential',
  schedule: initialSchedule,
  seed: '1',
  limit: '',
  loop: false,
}

/** What is wrong with a field; `max` for `tooBig`. */
export type Fault =
  | { readonly kind: 'required' | 'number' | 'whole' | 'positive' | 'negative' }
  | { readonly kind: 'tooBig'; readonly max: number }

export type Faults = Readonly<Record<string, Fault>>
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly faults: Faults }

const toNumber = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text))

function faultOf(issue: z.core.$ZodIssue, value: unknown): Fault {
  if (issue.code === 'too_big') return { kind: 'tooBig', max: Number(issue.maximum) }
  if (issue.code === 'too_small') return { kind: issue.inclusive ? 'negative' : 'positive' }
  return { kind: typeof value === 'number' && Number.isFinite(value) ? 'whole' : 'number' }
}

function collect(error: z.ZodError, input: Record<string, unknown>): Faults {
  const faults: Record<string, Fault> = {}
  for (const issue of error.issues) {
    const field = String(issue.path.at(-1) ?? '')
    faults[field] ??= faultOf(issue, input[field])
  }
  return faults
}

export function toSchedule(fields: ScheduleFields): Parsed<Schedule> {
  const input: Record<string, unknown> = { kind: fields.kind }
  for (const name of scheduleParameters[fields.kind]) input[name] = toNumber(fields[name])
  const parsed = Schedule.safeParse(input)
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, faults: collect(parsed.error, input) }
}

/** The fields that show a schedule already in force. */
export function fromSchedule(schedule: Schedule): ScheduleFields {
  const { kind, ...parameters } = schedule
  const texts = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]))
  return { ...initialSchedule, ...texts, kind }
}

export const usesSeed = (fields: Pick<RunFields, 'mode' | 'schedule'>): boolean =>
  fields.mode !== 'sequential' || fields.schedule.kind === 'poisson'

/** Drawing with replacement never reaches an end, so there is nothing to loop. */
export const canLoop = (fields: Pick<RunFields, 'mode'>): boolean => fields.mode !== 'random'

const toLimit = (text: string): number | null => (text.trim() === '' ? null : toNumber(text))

export type BoundsFields = Pick<RunFields, 'limit' | 'loop'>

/** The fields that show bounds already in force. */
export const fromBounds = ({ limit, loop }: Bounds): BoundsFields => ({
  loop,
  limit: limit === null ? '' : String(limit),
})

export function toBounds(fields: BoundsFields): Parsed<Bounds> {
  const input = { loop: fields.loop, limit: toLimit(fields.limit) }
  const parsed = Bounds.safeParse(input)
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, faults: collect(parsed.error, input) }
}

export function toRunOptions(fields: RunFields): Parsed<RunOptions> {
  const schedule = toSchedule(fields.schedule)
  const input: Record<string, unknown> = {
    file: fields.file,
    mode: fields.mode,
    seed: usesSeed(fields) ? toNumber(fields.seed) : 1,
    limit: toLimit(fields.limit),
    loop: canLoop(fields) && fields.loop,
  }
  const parsed = RunOptions.safeParse(input)
  const faults: Record<string, Fault> = {
    ...(schedule.ok ? {} : schedule.faults),
    ...(parsed.success ? {} : collect(parsed.error, input)),
  }
  if (fields.file === '') faults.file = { kind: 'required' }
  if (!parsed.success || !schedule.ok || Object.keys(faults).length > 0) return { ok: false, faults }
  return { ok: true, value: { ...parsed.data, schedule: schedule.value } }
}
