/** Where an artifact lies in the cache, and how a ready one is told from a half-made one. */
import { createHash, randomUUID } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { FilePin } from './pins.ts'
import type { ArtifactId } from './types.ts'

/** Checkout that holds `docker/`. */
export const rootDir = resolve(import.meta.dirname, '../..')

export const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex')

export interface Place {
  artifact: ArtifactId
  /** Identity of the content: hash of the lock or of the sources. Also the marker's content. */
  key: string
  /** Final folder; other versions of the same artifact lie beside it. */
  dir: string
  /** Survives failures, deleted after success. */
  workDir: string
  claimFile: string
}

export function placeOf(artifact: ArtifactId, key: string, cacheDir: string): Place {
  const short = key.slice(0, 16)
  return {
    artifact,
    key,
    dir: join(cacheDir, artifact, short),
    workDir: join(cacheDir, 'work', `${artifact}-${short}`),
    claimFile: join(cacheDir, 'locks', `${artifact}.lock`),
  }
}

const markerName = '.aviary-ready'

/** Written last, after verification; a folder without it, or with another key in it, is not trusted. */
export async function writeMarker(dir: string, key: string): Promise<void> {
  await writeFile(join(dir, markerName), `${key}\n`)
}

export async function removeMarker(dir: string): Promise<void> {
  await rm(join(dir, markerName), { force: true })
}

/**
 * Whether the folder can be used: the marker is there and every pinned file has its size (a stat each, some milliseconds for
 * 200 files). Contents are not hashed again; `verifyArtifact` does that.
 */
export function isReady(place: Place, pins: FilePin[]): boolean {
  try {
    if (readFileSync(join(place.dir, markerName), 'utf8').trim() !== place.key) return false
    return pins.every((pin) => statSync(join(place.dir, pin.file)).size === pin.bytes)
  } catch {
    return false
  }
}

/** Puts a verified folder in its final place in one step; what lay there before (broken, or it would have been used) goes. */
export async function publish(fromDir: string, place: Place): Promise<void> {
  await writeMarker(fromDir, place.key)
  await mkdir(dirname(place.dir), { recursive: true })
  const old = `${place.dir}.old-${randomUUID()}`
  await rename(place.dir, old).catch(() => {})
  await rename(fromDir, place.dir)
  await rm(old, { recursive: true, force: true })
}
