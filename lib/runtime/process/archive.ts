/**
 * Start archives (AppCDS): a Java service starts in a fraction of the time from an archive of its loaded classes. The first run with
 * a given JVM, class path and flags writes one when it stops; later runs, of any stack on this machine, use it.
 */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { JvmSettings } from '../definition.ts'
import { jvmFlags } from '../jvm.ts'
import type { Jar, Java } from './java.ts'

/** An archive that this run of a service writes when it stops. */
export interface Training {
  /** Written by the JVM; nobody else uses this name. */
  readonly part: string
  /** Where it goes once it is complete. */
  readonly target: string
}

export interface ArchiveChoice {
  readonly flags: readonly string[]
  readonly training: Training | null
}

const unusedAfterMs = 30 * 86_400_000
/** A part is written within minutes, at the very end of a run. */
const abandonedAfterMs = 3_600_000

export const archiveDir = (cacheDir: string): string => join(cacheDir, 'cds')

/** System properties do not decide whether an archive fits, and hold the folders and ports of one stack. */
export function archiveKey(java: Java, mainClass: string, settings: JvmSettings, jars: readonly Jar[]): string {
  const flags = jvmFlags(settings).filter((flag) => !flag.startsWith('-D'))
  const identity = [
    java.build,
    mainClass,
    ...flags,
    ...jars.map(({ path, size, mtimeMs }) => `${path} ${size} ${mtimeMs}`),
  ]
  return createHash('sha256').update(identity.join('\n')).digest('hex').slice(0, 16)
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

/** Flags for this run: use the archive that is there, or write it. */
export async function chooseArchive(dir: string, name: string): Promise<ArchiveChoice> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const target = join(dir, `${name}.jsa`)
  if (await exists(target)) {
    // Marks it as used; the JVM compares the times of jars, not of archives.
    await utimes(target, new Date(), new Date()).catch(() => {})
    return { flags: [`-XX:SharedArchiveFile=${target}`, '-Xshare:auto'], training: null }
  }
  const part = join(dir, `${name}.${randomUUID()}.part`)
  return { flags: [`-XX:ArchiveClassesAtExit=${part}`], training: { part, target } }
}

/** Keeps the archive when the JVM ended by itself or after SIGTERM; one cut short by a kill is thrown away. */
export async function settleTraining({ part, target }: Training, endedWell: boolean): Promise<void> {
  if (endedWell && (await exists(part))) await rename(part, target)
  else await rm(part, { force: true })
}

/** Deletes what no stack has used for a month, and parts of runs that did not end well. */
export async function pruneArchives(dir: string, now: number): Promise<void> {
  for (const name of await readdir(dir).catch(() => [])) {
    const path = join(dir, name)
    const info = await stat(path).catch(() => null)
    const limit = name.endsWith('.part') ? abandonedAfterMs : unusedAfterMs
    if (info !== null && now - info.mtimeMs > limit) await rm(path, { recursive: true, force: true })
  }
}
