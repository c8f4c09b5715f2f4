/** What a run begins with, and what must hold before it may, or before it may change its course. */
import { randomBytes } from 'node:crypto'
import { accessSync, constants, statSync } from 'node:fs'
import type { Config } from '#lib/config.ts'
import {
  type BoundsChange,
  endedStates,
  type Mode,
  type RunOptions,
  type RunProgress,
  type Schedule,
} from '#lib/pipeline/run.ts'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { sourceConnector } from '#lib/pipeline/stages.ts'
import type { Address } from '#lib/runtime/definition.ts'
import { ReplayError } from './errors.ts'
import { type CheckpointKind, type RunSetup, stampOf } from './folder.ts'

/** What only benchmarks and tests set. */
export interface ReplayTuning {
  readonly checkpoint?: CheckpointKind
  readonly maxUnconfirmed?: number
}

/** What every run of a console has in common. */
export interface ReplayParts {
  readonly config: Config
  /** Where a replay reaches a service of ours. */
  readonly reach: (service: 'mosquitto' | 'connect') => Address
  readonly tuning?: ReplayTuning
}

const defaultUnconfirmed = 40_000

/** What the process of a run has to know. Throws where the tweets file is gone. */
export function setupOf(
  { config, reach, tuning = {} }: ReplayParts,
  run: Pick<RunSetup, 'id' | 'createdAt' | 'options'>,
): RunSetup {
  const { checkpoint = 'connect', maxUnconfirmed = defaultUnconfirmed } = tuning
  const connect = reach('connect')
  return {
    ...run,
    fileStamp: stampOf(run.options.file),
    mqtt: config.external.mosquitto ?? reach('mosquitto'),
    connect: { url: `http://${connect.host}:${connect.port}`, connector: sourceConnector },
    checkpoint,
    maxUnconfirmed,
  }
}

/** Unique, fit for a URL and a folder, and in order of time: `20250501-100000-4f2a`. */
export function newRunId(createdAt: number): string {
  const time = new Date(createdAt).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return `${time}-${randomBytes(2).toString('hex')}`
}

/** Progress of a run whose process has not said anything yet. */
export function beginning(runId: string, createdAt: number): RunProgress {
  return {
    ...{ runId, state: 'starting', read: 0, rejected: 0, rejects: [], sent: 0, resent: 0, acked: 0, refused: 0 },
    ...{ committed: -1, rate: 0, total: null, bytesRead: 0, bytesTotal: null, reason: null },
    ...{ startedAt: createdAt, updatedAt: createdAt, endedAt: null },
  }
}

/** Throws ReplayError `busy`, `invalid` or `file`; `runs` are all there are. */
export function requireStartable({ file, mode, schedule }: RunOptions, runs: readonly RunSnapshot[]): void {
  requireIdle(runs)
  requireOrder(mode, schedule)
  requireFile(file)
}

function requireIdle(runs: readonly RunSnapshot[]): void {
  const active = runs.find((run) => !endedStates.includes(run.progress.state))
  if (active !== undefined)
    throw new ReplayError('busy', `Run ${active.id} has not ended.`, `Stop run ${active.id} first, or wait for it.`)
}

/** Throws ReplayError `invalid`: the file's times only rise in the file's own order. */
export function requireOrder(mode: Mode, schedule: Schedule): void {
  if (schedule.kind === 'file-time' && mode !== 'sequential')
    throw new ReplayError(
      'invalid',
      `The schedule file-time needs the file's own order, not ${mode}.`,
      'Choose the mode sequential, or another schedule.',
    )
}

/** Throws ReplayError `invalid`: what is sent cannot be taken back. */
export function requireAhead({ limit }: BoundsChange, sent: number): void {
  if (limit === undefined || limit === null || limit >= sent) return
  throw new ReplayError(
    'invalid',
    `The run has sent ${sent} messages already, so it cannot end at ${limit}.`,
    `Give a limit of ${sent} or more, or stop the run.`,
  )
}

/** Throws ReplayError `file` where the tweets file cannot be opened. */
function requireFile(file: string): void {
  try {
    accessSync(file, constants.R_OK)
    if (!statSync(file).isFile()) throw new Error('not a file')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ReplayError('file', `${file} cannot be read: ${reason}`, 'Check the path and its permissions.')
  }
}
