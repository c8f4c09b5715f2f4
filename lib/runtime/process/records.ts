/** What is written down about the services of one AVIARY_HOME, so that any later console finds them again. */
import { readFileSync } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type ServiceId, serviceIds } from '#lib/pipeline/stages.ts'
import type { ServiceExit } from '../runtime.ts'
import { writeAtomically } from './conf.ts'
import { readProcess } from './processes.ts'
import { serviceDir } from './site.ts'
import { exitFile, parseExitFile, parseProcessFile, processFile, type WrappedProcess } from './wrapper.ts'

const startFile = 'start.json'

/** Written before the process starts. */
const StartRecord = z.object({
  startedAt: z.number(),
  training: z.object({ part: z.string(), target: z.string() }).nullable(),
  /** Folder in which a child's archive is being written, if the service has a launcher. */
  childTraining: z.string().nullable(),
})
export type StartRecord = z.infer<typeof StartRecord>

export interface ServiceRecord {
  readonly service: ServiceId
  readonly start: StartRecord
  /** null when it never came to run. */
  readonly process: WrappedProcess | null
  readonly alive: boolean
  /** null while it runs, and when it ended without a record (its wrapper was killed, the machine stopped). */
  readonly exit: ServiceExit | null
}

/** At once: a few hundred bytes, looked at for every service every second. */
function text(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** null for what a lost power left behind. */
function parseStart(written: string): StartRecord | null {
  try {
    return StartRecord.parse(JSON.parse(written))
  } catch {
    return null
  }
}

async function readExit(dir: string): Promise<ServiceExit | null> {
  const path = join(dir, exitFile)
  const exit = parseExitFile(text(path) ?? '')
  // The next start removes it, perhaps between the two.
  const info = exit === null ? null : await stat(path).catch(() => null)
  return exit === null || info === null ? null : { ...exit, at: info.mtimeMs }
}

/** null when the service was never started here. */
export async function readRecord(homeDir: string, service: ServiceId): Promise<ServiceRecord | null> {
  const dir = serviceDir(homeDir, service)
  const start = parseStart(text(join(dir, startFile)) ?? '')
  if (start === null) return null
  const process = parseProcessFile(text(join(dir, processFile)) ?? '')
  const found = process === null ? null : await readProcess(process.pid)
  const alive = found !== null && found.identity === process?.identity
  return { service, start, process, alive, exit: alive ? null : await readExit(dir) }
}

/** Forgets the last run and writes down that another one is about to start. */
export async function writeStart(homeDir: string, service: ServiceId, start: StartRecord): Promise<void> {
  const dir = serviceDir(homeDir, service)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  await rm(join(dir, processFile), { force: true })
  await rm(join(dir, exitFile), { force: true })
  await writeAtomically(join(dir, startFile), `${JSON.stringify(start)}\n`)
}

export async function listRecorded(homeDir: string): Promise<ServiceId[]> {
  const names = new Set(await readdir(join(homeDir, 'services')).catch(() => []))
  return serviceIds.filter((id) => names.has(id))
}
