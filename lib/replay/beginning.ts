/** What a run begins with, and what must hold before it may. */
import { randomBytes } from 'node:crypto'
import { accessSync, constants, statSync } from 'node:fs'
import type { Mode, RunProgress, Schedule } from '#lib/pipeline/run.ts'
import { ReplayError } from './errors.ts'

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

/** Throws ReplayError `invalid`: the file's times only rise in the file's own order. */
export function requireOrder(mode: Mode, schedule: Schedule): void {
  if (schedule.kind === 'file-time' && mode !== 'sequential')
    throw new ReplayError(
      'invalid',
      `The schedule file-time needs the file's own order, not ${mode}.`,
      'Choose the mode sequential, or another schedule.',
    )
}

/** Throws ReplayError `file` where the tweets file cannot be opened. */
export function requireFile(file: string): void {
  try {
    accessSync(file, constants.R_OK)
    if (!statSync(file).isFile()) throw new Error('not a file')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ReplayError('file', `${file} cannot be read: ${reason}`, 'Check the path and its permissions.')
  }
}
