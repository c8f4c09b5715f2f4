/** Log lines as they arrive in pieces: bounded, and never a line cut in two. Pure. */

export interface LogLines {
  readonly lines: readonly string[]
  /** The beginning of a line whose end has not arrived yet. */
  readonly rest: string
  /** Lines that were let go for the bound. */
  readonly dropped: number
}

export const keptLines = 3_000
export const noLines: LogLines = { lines: [], rest: '', dropped: 0 }

export function addPiece(log: LogLines, piece: string): LogLines {
  const parts = (log.rest + piece).split('\n')
  const rest = parts.pop() ?? ''
  const lines = [...log.lines, ...parts]
  const over = Math.max(0, lines.length - keptLines)
  return { lines: over === 0 ? lines : lines.slice(over), rest, dropped: log.dropped + over }
}

/** All that have come, kept or not. */
export const lineCount = ({ lines, dropped }: LogLines): number => dropped + lines.length

/** Where a text stands in a line, upper and lower case alike. */
function places(line: string, text: string): number[] {
  const lower = line.toLowerCase()
  // A few letters change their length: then places would not be those of the line.
  const [whole, part] = lower.length === line.length ? [lower, text.toLowerCase()] : [line, text]
  const found: number[] = []
  for (let at = whole.indexOf(part); at !== -1; at = whole.indexOf(part, at + part.length)) found.push(at)
  return found
}

/** Numbers of the lines that hold the text, counted from the first that ever came; none for an empty text. */
export function matchingLines({ lines, dropped }: LogLines, text: string): number[] {
  if (text === '') return []
  return lines.flatMap((line, i) => (places(line, text).length > 0 ? [dropped + i] : []))
}

export interface LinePiece {
  readonly at: number
  readonly text: string
  readonly hit: boolean
}

/** A line cut where the text stands in it. */
export function piecesOf(line: string, text: string): LinePiece[] {
  if (text === '') return [{ at: 0, text: line, hit: false }]
  const pieces: LinePiece[] = []
  let end = 0
  for (const at of places(line, text)) {
    pieces.push(
      { at: end, text: line.slice(end, at), hit: false },
      { at, text: line.slice(at, at + text.length), hit: true },
    )
    end = at + text.length
  }
  pieces.push({ at: end, text: line.slice(end), hit: false })
  return pieces.filter((piece) => piece.text !== '')
}
