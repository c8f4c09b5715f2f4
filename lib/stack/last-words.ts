/** How a service ended, and the last it said. */
import type { Logger } from 'pino'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { Runtime, ServiceExit } from '#lib/runtime/runtime.ts'

const lastLogLines = 20
/** They travel to every page again and again. */
const longestLine = 500
const readWithinMs = 5_000

export function nameOfExit(exit: ServiceExit | null): string {
  if (exit?.signal) return exit.signal
  return exit === null || exit.code === null ? 'an unknown code' : `code ${exit.code}`
}

/** Never throws: a log that cannot be read must not keep its service down. */
export async function lastWords(runtime: Runtime, service: ServiceId, log: Logger): Promise<string[]> {
  const lines: string[] = []
  const options = { tail: lastLogLines, follow: false }
  try {
    for await (const line of runtime.logs(service, options, AbortSignal.timeout(readWithinMs)))
      lines.push(line.slice(0, longestLine))
  } catch (error) {
    log.warn({ err: error, service }, 'the log could not be read')
  }
  return lines
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
