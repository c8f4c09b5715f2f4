/**
 * What the engines and the sample are made of: fetched with the ordinary clients (Maven, pip, apt), verified against checked-in
 * pins, kept in the user's cache. First in the flow: the runtime starts services from these folders, the sample is built from
 * `tweets-text`. After the first time nothing here needs the network.
 */
import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { claim } from './claim.ts'
import { connectorKey, connectorPins, hasOwnJars, makeConnector } from './connector.ts'
import { type JarArtifact, jarLockFile, makeJars } from './maven.ts'
import { makeMosquitto, mosquittoCommand, packagesLockFile } from './mosquitto.ts'
import { type FilePin, parseFilePins, verifyFolder } from './pins.ts'
import { isReady, type Place, placeOf, publish, removeMarker, sha256 } from './place.ts'
import { makeSuperset, supersetCommand, supersetKey, supersetUsable } from './superset.ts'
import { findMissingTools, type MissingTool } from './tools.ts'
import { makeTweetsText, tweetsFolderPins, tweetsLockFile } from './tweets-text.ts'
import { ArtifactError, type ArtifactId, type ArtifactOptions, artifactIds, type MakeContext } from './types.ts'

export { mosquittoCommand } from './mosquitto.ts'
export { emptyMetadata, metadataScript } from './superset.ts'
export type { MissingTool } from './tools.ts'
export { tweetsFile } from './tweets-text.ts'
export { type ArtifactId, type ArtifactOptions, type ArtifactProgress, artifactIds } from './types.ts'

/** A program, the environment it needs beside the usual one, and its version. */
export interface NativeCommand {
  command: string
  env: Record<string, string>
  version: string
}

interface Recipe {
  /** Identity of the content; a changed lock or source makes another folder. */
  key: () => string
  /** Files the finished folder must hold. */
  pins: () => FilePin[]
  make: (context: MakeContext) => Promise<void>
  /** What the pins cannot tell about a finished folder. */
  usable?: (dir: string) => boolean
}

const lockKey = (file: string) => sha256(readFileSync(file))

function jars(id: JarArtifact): Recipe {
  const lockFile = jarLockFile(id)
  const pins = () => parseFilePins(readFileSync(lockFile, 'utf8'), lockFile)
  return { key: () => lockKey(lockFile), pins: () => pins().files, make: (context) => makeJars(id, pins(), context) }
}

const recipes: Record<ArtifactId, Recipe> = {
  mosquitto: {
    key: () => lockKey(packagesLockFile),
    pins: () => [],
    make: makeMosquitto,
    // The system's own Mosquitto may be gone since.
    usable: (dir) => existsSync(mosquittoCommand(dir).command),
  },
  kafka: jars('kafka'),
  druid: jars('druid'),
  hive: jars('hive'),
  connector: { key: connectorKey, pins: connectorPins, make: makeConnector, usable: hasOwnJars },
  superset: { key: supersetKey, pins: () => [], make: makeSuperset, usable: supersetUsable },
  'tweets-text': { key: () => lockKey(tweetsLockFile), pins: tweetsFolderPins, make: makeTweetsText },
}

const placeIn = (id: ArtifactId, cacheDir: string): Place => placeOf(id, recipes[id].key(), cacheDir)

function ready(place: Place): boolean {
  const { pins, usable } = recipes[place.artifact]
  try {
    return isReady(place, pins()) && (usable?.(place.dir) ?? true)
  } catch {
    return false
  }
}

/** Folder in which the artifact is, or will be once it is fetched. Throws ArtifactError like artifactPath. */
export function artifactFolder(id: ArtifactId, cacheDir: string): string {
  return placeIn(id, cacheDir).dir
}

/**
 * The artifact's folder when it is complete, null when it is not there. Reads the marker and sizes only, some milliseconds.
 * Throws ArtifactError when the checkout lacks the lock or the sources.
 */
export function artifactPath(id: ArtifactId, cacheDir: string): string | null {
  const place = placeIn(id, cacheDir)
  return ready(place) ? place.dir : null
}

/** How to run the program of an artifact's folder; null for one that is run otherwise. Throws ArtifactError when it is not there. */
export function nativeCommand(id: ArtifactId, dir: string): NativeCommand | null {
  if (id === 'mosquitto') return mosquittoCommand(dir)
  return id === 'superset' ? supersetCommand(dir) : null
}

/**
 * Tools that this machine lacks, with the command that installs each. With a cache folder, tools whose artifacts are there
 * already are not asked for.
 */
export function missingTools(cacheDir?: string): Promise<MissingTool[]> {
  return findMissingTools(
    cacheDir === undefined ? artifactIds : artifactIds.filter((id) => artifactPath(id, cacheDir) === null),
  )
}

async function requireTools(ids: readonly ArtifactId[]): Promise<void> {
  if (ids.length === 0) return
  const missing = await findMissingTools(ids)
  if (missing.length === 0) return
  const list = missing.map(({ tool, why }) => `${tool} (${why})`).join('; ')
  throw new ArtifactError('missing-tool', `This machine lacks ${list}`, {
    hint: `Install: ${[...new Set(missing.map(({ install }) => install))].join(' ; ')}`,
  })
}

async function make(place: Place, context: Omit<MakeContext, 'key' | 'outDir' | 'workDir'>): Promise<void> {
  await mkdir(place.workDir, { recursive: true })
  // What an earlier attempt has left there was never verified, and a client that outlived it may still write to it.
  for (const name of await readdir(place.workDir))
    if (name.startsWith('out-')) await rm(join(place.workDir, name), { recursive: true, force: true })
  const outDir = await mkdtemp(join(place.workDir, 'out-'))
  await chmod(outDir, 0o755)
  await recipes[place.artifact].make({ ...context, key: place.key, outDir, workDir: place.workDir })
  context.signal.throwIfAborted()
  await publish(outDir, place)
  await rm(place.workDir, { recursive: true, force: true })
}

/**
 * Resolves to the artifact's absolute folder, complete and verified; fetches or builds it first when it is not there. Several
 * processes may ask at once: one makes it, the others wait. Rejects with ArtifactError, or with the signal's reason.
 */
export async function ensureArtifact(id: ArtifactId, options: ArtifactOptions): Promise<string> {
  const { cacheDir, onProgress } = options
  const signal = options.signal ?? new AbortController().signal
  const report: MakeContext['report'] = (progress) => onProgress?.({ artifact: id, ...progress })
  const still = { file: null, doneBytes: 0, totalBytes: 0, remainingSeconds: null }
  report({ ...still, phase: 'checking' })
  const place = placeIn(id, cacheDir)
  const totalBytes = recipes[id].pins().reduce((sum, pin) => sum + pin.bytes, 0)
  const done = () => report({ ...still, phase: 'ready', doneBytes: totalBytes, totalBytes, remainingSeconds: 0 })
  if (!ready(place)) {
    await requireTools([id])
    const release = await claim(place.claimFile, { signal, onWait: () => report({ ...still, phase: 'checking' }) })
    try {
      // Another process may have made it while this one waited.
      if (!ready(place)) await make(place, { artifact: id, cacheDir, report, signal })
    } finally {
      await release()
    }
  }
  done()
  return place.dir
}

/**
 * Like ensureArtifact for several at once, in parallel: most of the time goes into waiting for the network. Missing tools are
 * reported for all of them before anything starts; the first failure stops the others, which go on from there next time.
 */
export async function ensureArtifacts<Id extends ArtifactId>(
  ids: readonly Id[],
  options: ArtifactOptions,
): Promise<Record<Id, string>> {
  await requireTools(ids.filter((id) => artifactPath(id, options.cacheDir) === null))
  const stop = new AbortController()
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal])
  let failure: { error: unknown } | null = null
  const folders = await Promise.all(
    ids.map(async (id) => {
      try {
        return [id, await ensureArtifact(id, { ...options, signal })] as const
      } catch (error) {
        failure ??= { error }
        stop.abort(error)
        return [id, ''] as const
      }
    }),
  )
  if (failure !== null) throw (failure as { error: unknown }).error
  return Object.fromEntries(folders) as Record<Id, string>
}

/**
 * Hashes every pinned file of an artifact that is there (seconds for 200 MB). Rejects with ArtifactError (`checksum`) naming the
 * wrong file, and takes its trust away, so that the next ensureArtifact repairs it. An artifact not there is no error.
 */
export async function verifyArtifact(id: ArtifactId, options: ArtifactOptions): Promise<void> {
  const place = placeIn(id, options.cacheDir)
  const pins = recipes[id].pins()
  if (pins.length === 0 || !existsSync(place.dir)) return
  const totalBytes = pins.reduce((sum, pin) => sum + pin.bytes, 0)
  const onFile = (file: string, doneBytes: number) =>
    options.onProgress?.({ artifact: id, phase: 'verifying', file, doneBytes, totalBytes, remainingSeconds: null })
  try {
    await verifyFolder(place.dir, pins, { signal: options.signal, onFile, extra: id === 'connector' })
  } catch (error) {
    if (error instanceof ArtifactError) await removeMarker(place.dir)
    throw error
  }
}
