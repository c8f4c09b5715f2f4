/**
 * Log files of services: `log`, then `log.1` … `log.N`, the older the higher. Services append to `log` (O_APPEND) and are never asked
 * to reopen it: when it is full it is copied and cut to nothing.
 */
import { copyFile, type FileHandle, open, rename, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { LineSplitter } from '../lines.ts'
import type { LogOptions } from '../runtime.ts'
import { linesSince } from './log-times.ts'

export interface LogLimits {
  readonly bytes: number
  /** Older files beside the current one. */
  readonly older: number
}

/** At most 40 MB a service, and the console. */
export const logLimits: LogLimits = { bytes: 10_000_000, older: 3 }

const followEveryMs = 250
const chunkBytes = 65_536

const olderPath = (log: string, older: number): string => (older === 0 ? log : `${log}.${older}`)
export const logPath = (dir: string, older = 0): string => olderPath(join(dir, 'log'), older)
/** Where a console that was started in the background writes; appended to like the logs of services. */
export const consoleLog = (homeDir: string): string => join(homeDir, 'console.log')

const sizeOf = (path: string) =>
  stat(path).then(
    (info) => info.size,
    () => 0,
  )

/** Lines written in the instant between the copy and the cut are lost; true when it was full. */
export async function rotate(log: string, limits: LogLimits): Promise<boolean> {
  if ((await sizeOf(log)) < limits.bytes) return false
  const copying = `${log}.copying`
  await copyFile(log, copying)
  await truncate(log)
  await rm(olderPath(log, limits.older), { force: true })
  for (let older = limits.older - 1; older >= 1; older--)
    await rename(olderPath(log, older), olderPath(log, older + 1)).catch(() => {})
  // Last, so that a reader who sees a new `log.1` knows that `log` begins anew.
  await rename(copying, olderPath(log, 1))
  return true
}

/** Where the last `lines` lines of a file begin, and how many there are; reads backwards from the end. */
async function startOfTail(file: FileHandle, size: number, lines: number): Promise<{ offset: number; found: number }> {
  const buffer = Buffer.alloc(chunkBytes)
  let found = 0
  for (let end = size; end > 0; ) {
    const begin = Math.max(0, end - chunkBytes)
    const { bytesRead } = await file.read(buffer, 0, end - begin, begin)
    for (let i = bytesRead - 1; i >= 0; i--) {
      // The newline at the very end closes the last line, it does not begin another.
      if (buffer[i] !== 10 || begin + i === size - 1) continue
      found++
      if (found === lines) return { offset: begin + i + 1, found }
    }
    end = begin
  }
  return { offset: 0, found: size > 0 ? found + 1 : 0 }
}

async function* readFrom(file: FileHandle, from: number, splitter: LineSplitter): AsyncGenerator<string, number> {
  const buffer = Buffer.alloc(chunkBytes)
  let offset = from
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, offset)
    if (bytesRead === 0) return offset
    offset += bytesRead
    yield* splitter.push(buffer.subarray(0, bytesRead))
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  return open(path, 'r').catch(() => null)
}

/** The last `missing` lines of the rotated files, oldest first. */
async function* olderLines(dir: string, missing: number): AsyncGenerator<string> {
  const pieces: { path: string; offset: number; size: number }[] = []
  for (let older = 1; older <= logLimits.older && missing > 0; older++) {
    const path = logPath(dir, older)
    const file = await openIfThere(path)
    if (file === null) break
    try {
      const { size } = await file.stat()
      const { offset, found } = await startOfTail(file, size, missing)
      pieces.unshift({ path, offset, size })
      missing -= found
    } finally {
      await file.close()
    }
  }
  for (const { path, offset } of pieces) {
    const file = await openIfThere(path)
    if (file === null) continue
    try {
      const splitter = new LineSplitter()
      yield* readFrom(file, offset, splitter)
      yield* splitter.end()
    } finally {
      await file.close()
    }
  }
}

/** Opens the current log, creating it, so that following can begin before the service has ever run. */
async function openCurrent(dir: string): Promise<FileHandle> {
  return open(logPath(dir), 'a+')
}

/**
 * Lines of a service's log, oldest first: the last `tail`, of these the ones since `since`, then, when following, what comes. A
 * rotation loses no line: what was not read yet is read from the copy.
 */
export function readLog(dir: string, options: LogOptions, signal: AbortSignal): AsyncGenerator<string> {
  const lines = lastLines(dir, options, signal)
  return options.since === undefined ? lines : linesSince(options.since, lines)
}

async function* lastLines(dir: string, { tail, follow }: LogOptions, signal: AbortSignal): AsyncGenerator<string> {
  const file = await openCurrent(dir)
  const splitter = new LineSplitter()
  try {
    const { size } = await file.stat()
    const begin = tail === 0 ? { offset: size, found: 0 } : await startOfTail(file, size, tail)
    if (tail > begin.found) yield* olderLines(dir, tail - begin.found)
    let copy = await identityOf(logPath(dir, 1))
    let offset = yield* readFrom(file, begin.offset, splitter)
    while (follow && !signal.aborted) {
      await delay(followEveryMs, undefined, { signal }).catch(() => {})
      const now = await identityOf(logPath(dir, 1))
      if (now !== copy) {
        yield* finishCopy(dir, offset, splitter)
        offset = 0
        copy = now
      }
      // Cut, but the copy is not in its place yet.
      if (signal.aborted || (await file.stat()).size < offset) continue
      offset = yield* readFrom(file, offset, splitter)
    }
    yield* splitter.end()
  } finally {
    await file.close()
  }
}

const identityOf = (path: string) =>
  stat(path).then(
    (info) => `${info.ino} ${info.mtimeMs}`,
    () => null,
  )

async function* finishCopy(dir: string, offset: number, splitter: LineSplitter): AsyncGenerator<string> {
  const copy = await openIfThere(logPath(dir, 1))
  if (copy === null) return
  try {
    yield* readFrom(copy, offset, splitter)
  } finally {
    await copy.close()
  }
}
