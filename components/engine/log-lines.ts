/** Log lines as they arrive in pieces: bounded, and never a line cut in two. Pure. */

export interface LogLines {
  readonly lines: readonly string[]
  /** The beginning of a line whose end has not arrived yet. */
  readonly rest: string
  /** Lines that were let go for the bound. */
  readonly dropped: number
}

export const keptLines = 1_000
export const noLines: LogLines = { lines: [], rest: '', dropped: 0 }

export function addPiece(log: LogLines, piece: string): LogLines {
  const parts = (log.rest + piece).split('\n')
  const rest = parts.pop() ?? ''
  const lines = [...log.lines, ...parts]
  const over = Math.max(0, lines.length - keptLines)
  return { lines: over === 0 ? lines : lines.slice(over), rest, dropped: log.dropped + over }
}
