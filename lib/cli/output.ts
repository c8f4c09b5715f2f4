/** The only place where the command line writes: answers to stdout, everything about how it goes to stderr. */

/** An end with a status of its own; what it says is for a person. */
export class CliError extends Error {
  readonly exitCode: ExitCode
  readonly hint: string | undefined

  constructor(exitCode: ExitCode, message: string, hint?: string) {
    super(message)
    this.name = 'CliError'
    this.exitCode = exitCode
    this.hint = hint
  }
}

export const exitCodes = { done: 0, failed: 1, usage: 2, nobody: 3 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2))

/** How it goes, on stderr, so that `--json` and pipes stay clean. */
export const tell = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

/** Columns as wide as their widest cell; a column whose first cell is `>`-marked stands right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const right = head.map((h) => h.startsWith('>'))
  const lines = [head.map((h) => h.replace(/^>/, '')), ...rows]
  const widths = head.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)))
  const cell = (text: string, i: number) => (right[i] ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0))
  return lines.map((line) => line.map(cell).join('  ').trimEnd()).join('\n')
}

/** A figure for people; what could not be asked is told as such. */
export const count = (value: number | null): string => (value === null ? 'unknown' : value.toLocaleString('en'))

export const decimal = (value: number | null, unit: string): string =>
  value === null ? 'unknown' : `${value.toLocaleString('en', { maximumFractionDigits: 1 })} ${unit}`

export const megabytes = (bytes: number | null): string =>
  bytes === null ? '' : `${Math.round(bytes / 2 ** 20).toLocaleString('en')} MB`

/** `4 s`, `3 min`, `2 h`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}
