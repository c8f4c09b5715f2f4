/** The checked-in pins: `artifacts.lock` (files of an artifact) and `packages.lock` (Debian packages). */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import pLimit from 'p-limit'
import { ArtifactError } from './types.ts'

export interface FilePin {
  sha256: string
  bytes: number
  file: string
}

export interface FilePins {
  files: FilePin[]
  /** Files that an empty Maven repository makes Maven ask for, POMs and plugins included; null where not recorded. */
  requests: number | null
}

export interface PackagePin {
  sha256: string
  bytes: number
  arch: string
  name: string
  version: string
  /** Library the package is fetched for; a machine that has it keeps its own. Null: always fetched. */
  soname: string | null
}

const sha256Shape = /^[0-9a-f]{64}$/

function rows(text: string, lockFile: string, columns: number): string[][] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return []
    const cells = line.split(/ +/)
    if (cells.length === columns && sha256Shape.test(cells[0] ?? '') && /^\d+$/.test(cells[1] ?? '')) return [cells]
    throw new ArtifactError('checksum', `${lockFile} line ${index + 1} is not a pin: "${line}"`, {
      file: lockFile,
      hint: 'Take the file from version control again, or write it anew with: node lib/artifacts/relock.ts',
    })
  })
}

/** Lines `sha256  bytes  filename`. Throws ArtifactError (`checksum`) naming the line that is none. */
export function parseFilePins(text: string, lockFile: string): FilePins {
  const files = rows(text, lockFile, 3).map(([sha256 = '', bytes = '', file = '']) => ({
    sha256,
    bytes: Number(bytes),
    file,
  }))
  const requests = /^# requests (\d+)$/m.exec(text)?.[1]
  return { files, requests: requests === undefined ? null : Number(requests) }
}

/** The inverse of parseFilePins; sorted, so that a new lock differs only where something changed. */
export function formatFilePins(pins: FilePins): string {
  const lines = [...pins.files]
    .sort((a, b) => (a.file < b.file ? -1 : 1))
    .map((pin) => `${pin.sha256}  ${pin.bytes}  ${pin.file}`)
  const head = ['# sha256  bytes  filename']
  if (pins.requests !== null) head.push(`# requests ${pins.requests}`)
  return `${[...head, ...lines].join('\n')}\n`
}

/** Lines `sha256  bytes  architecture  package  version  soname-or-dash`. */
export function parsePackagePins(text: string, lockFile: string): PackagePin[] {
  return rows(text, lockFile, 6).map(([sha256 = '', bytes = '', arch = '', name = '', version = '', soname = '-']) => ({
    sha256,
    bytes: Number(bytes),
    arch,
    name,
    version,
    soname: soname === '-' ? null : soname,
  }))
}

export function formatPackagePins(pins: PackagePin[]): string {
  const lines = pins.map(
    (pin) => `${pin.sha256}  ${pin.bytes}  ${pin.arch}  ${pin.name}  ${pin.version}  ${pin.soname ?? '-'}`,
  )
  return `${['# sha256  bytes  architecture  package  version  library it is fetched for', ...lines].join('\n')}\n`
}

/** SHA-256 of a file as lower-case hex, read as a stream. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash, { signal })
  return hash.digest('hex')
}

const repairHint =
  'Start again to fetch it anew. If it happens twice, the registry serves another file than the pinned one.'

/** Throws ArtifactError (`checksum`) unless the file has the pinned size and SHA-256. */
export async function verifyFile(dir: string, pin: FilePin, signal?: AbortSignal): Promise<void> {
  const path = join(dir, pin.file)
  const found = await stat(path).catch(() => null)
  if (found === null)
    throw new ArtifactError('checksum', `${pin.file} is missing in ${dir}`, { file: pin.file, hint: repairHint })
  if (found.size !== pin.bytes)
    throw new ArtifactError('checksum', `${pin.file} has ${found.size} bytes instead of ${pin.bytes} (in ${dir})`, {
      file: pin.file,
      hint: repairHint,
    })
  const sha256 = await hashFile(path, signal)
  if (sha256 === pin.sha256) return
  throw new ArtifactError('checksum', `${pin.file} has the SHA-256 ${sha256} instead of ${pin.sha256} (in ${dir})`, {
    file: pin.file,
    hint: repairHint,
  })
}

/**
 * Verifies that `dir` holds exactly the pinned files (dot files aside). Throws ArtifactError (`checksum`) naming the first
 * file that is wrong, missing or not pinned. `onFile` gets the bytes verified so far.
 */
export async function verifyFolder(
  dir: string,
  pins: FilePin[],
  options: {
    signal?: AbortSignal
    onFile?: (file: string, doneBytes: number) => void
    /** Lets files that are not pinned pass. */
    extra?: boolean
  } = {},
): Promise<void> {
  const pinned = new Set(pins.map((pin) => pin.file))
  const extra = (await readdir(dir)).find((name) => !name.startsWith('.') && !pinned.has(name))
  if (extra !== undefined && !options.extra)
    throw new ArtifactError('checksum', `${extra} in ${dir} is not in the lock file`, {
      file: extra,
      hint: 'If the POM was changed on purpose, write the lock anew with: node lib/artifacts/relock.ts',
    })
  let done = 0
  const limit = pLimit(4)
  await Promise.all(
    pins.map((pin) =>
      limit(async () => {
        await verifyFile(dir, pin, options.signal)
        done += pin.bytes
        options.onFile?.(pin.file, done)
      }),
    ),
  )
}
