/** What the machine, or the container around us, still has to give. */
import { constants } from 'node:fs'
import { access, readFile, statfs } from 'node:fs/promises'
import { freemem } from 'node:os'
import { dirname, join } from 'node:path'

export interface AvailableMemory {
  readonly bytes: number
  /** The control group that limits it below what the machine has; null for the machine itself. */
  readonly limitedBy: string | null
}

const text = (path: string) => readFile(path, 'utf8').catch(() => null)

/** Whatever limits us: of the machine itself. `root` stands for `/` (tests). */
export async function machineBytes(root = '/'): Promise<AvailableMemory> {
  const meminfo = (await text(join(root, 'proc/meminfo'))) ?? ''
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1]
  return { bytes: kilobytes === undefined ? freemem() : Number(kilobytes) * 1_024, limitedBy: null }
}

/** Memory that programs started by us can still take, without swapping. */
export async function availableBytes(root = '/'): Promise<AvailableMemory> {
  let least = await machineBytes(root)
  for (const group of await controlGroups(root)) {
    const left = await leftIn(group)
    if (left !== null && left < least.bytes) least = { bytes: left, limitedBy: group.path }
  }
  return least
}

interface ControlGroup {
  readonly path: string
  readonly version: 1 | 2
}

/** Our control group and all above it: each may set a limit. */
async function controlGroups(root: string): Promise<ControlGroup[]> {
  const lines = ((await text(join(root, 'proc/self/cgroup'))) ?? '').trim().split('\n')
  const found: ControlGroup[] = []
  for (const line of lines) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (path === undefined || controllers === undefined) continue
    const version = controllers === '' ? 2 : 1
    if (version === 1 && !controllers.split(',').includes('memory')) continue
    const mount = join(root, version === 2 ? 'sys/fs/cgroup' : 'sys/fs/cgroup/memory')
    // Inside a container the path may be the host's: the mount itself is then our group.
    for (let at = path; ; at = dirname(at)) {
      found.push({ path: join(mount, at), version })
      if (at === '/' || at === '.') break
    }
  }
  return found
}

const limitFiles = { 1: 'memory.limit_in_bytes', 2: 'memory.max' } as const
const usageFiles = { 1: 'memory.usage_in_bytes', 2: 'memory.current' } as const

async function leftIn({ path, version }: ControlGroup): Promise<number | null> {
  const limit = Number((await text(join(path, limitFiles[version])))?.trim())
  const usage = Number((await text(join(path, usageFiles[version])))?.trim())
  // "max" is no number; version 1 writes an absurdly large one instead.
  if (!Number.isFinite(limit) || !Number.isFinite(usage) || limit > 2 ** 60) return null
  const stat = (await text(join(path, 'memory.stat'))) ?? ''
  // Page cache that the kernel gives back when asked.
  const cache = Number(/^(?:total_)?inactive_file (\d+)/m.exec(stat)?.[1] ?? 0)
  return Math.max(0, limit - usage + cache)
}

/** The folder itself, or the nearest one above it that exists. */
async function existing(dir: string): Promise<string> {
  for (let at = dir; ; at = dirname(at)) {
    const there = await access(at).then(
      () => true,
      () => false,
    )
    if (there || at === dirname(at)) return at
  }
}

/** Bytes that we may still write there. */
export async function freeDisk(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(await existing(dir))
  return bavail * bsize
}

export async function isWritable(dir: string): Promise<boolean> {
  return access(await existing(dir), constants.W_OK).then(
    () => true,
    () => false,
  )
}
