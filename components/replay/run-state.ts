import { endedStates, type RunProgress, type RunState } from '#lib/pipeline/run.ts'
import type { State } from '#lib/pipeline/status.ts'

/** The life of a run as a shape; the word beside it is the run's own. */
export const runShape: Readonly<Record<RunState, State>> = {
  starting: 'starting',
  running: 'up',
  paused: 'unknown',
  draining: 'starting',
  finished: 'up',
  stopped: 'unknown',
  failed: 'down',
}

export const hasEnded = (state: RunState): boolean => endedStates.includes(state)

/** By messages where the total is known, else by bytes of the file; null where neither is. */
export function runShare(progress: RunProgress): number | null {
  const { sent, rejected, total, bytesRead, bytesTotal } = progress
  if (total !== null && total > 0) return Math.min(1, (sent + rejected) / total)
  return bytesTotal === null || bytesTotal === 0 ? null : Math.min(1, bytesRead / bytesTotal)
}

/** Last part of a path, whichever way the slashes lean. */
export const fileName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path
