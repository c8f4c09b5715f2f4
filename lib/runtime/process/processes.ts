/** What the operating system tells about processes: from /proc, or from `ps` where there is none. */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)
export const hasProc = existsSync('/proc/self/stat')

export interface ProcessInfo {
  readonly pid: number
  /** Process group; services and what they fork stay in the group of their wrapper. */
  readonly group: number
  /** Tells this process from a later one with the same pid: boot id and start time. */
  readonly identity: string
  /** User and system time so far, ms. */
  readonly cpuMs: number
  readonly zombie: boolean
}

/** Linux counts in 1/100 s towards programs on every architecture (USER_HZ, man 7 time). */
const msPerTick = 10

/** The kernel answers from memory; a promise for each of the hundreds of files would cost ten times the reading. */
const readProc = (path: string) => readFileSync(`/proc/${path}`, 'utf8')

let bootId: string | null = null
function currentBoot(): string {
  bootId ??= readProc('sys/kernel/random/boot_id').trim()
  return bootId
}

/** Fields of /proc/PID/stat; the command in brackets may hold spaces and brackets itself (man 5 proc). */
export function parseStat(text: string, boot: string): ProcessInfo {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  // Field n of the manual is index n - 3 here.
  const field = (n: number) => fields[n - 3] ?? ''
  return {
    pid: Number.parseInt(text, 10),
    group: Number(field(5)),
    identity: `${boot} ${field(22)}`,
    cpuMs: (Number(field(14)) + Number(field(15))) * msPerTick,
    zombie: field(3) === 'Z' || field(3) === 'X',
  }
}

/** `[[dd-]hh:]mm:ss[.cc]` as `ps` prints it, in ms. */
export function parsePsTime(text: string): number {
  const [days, clock] = text.includes('-') ? text.split('-') : ['0', text]
  const seconds = (clock ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return Math.round((Number(days) * 86_400 + seconds) * 1_000)
}

export function parsePsLine(line: string): ProcessInfo | null {
  const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(.+?)\s*$/.exec(line)
  if (match === null) return null
  const [, pid, group, state, time, started] = match
  return {
    pid: Number(pid),
    group: Number(group),
    identity: `- ${started?.replace(/\s+/g, ' ')}`,
    cpuMs: parsePsTime(time ?? ''),
    zombie: state?.startsWith('Z') ?? false,
  }
}

const psColumns = 'pid=,pgid=,stat=,time=,lstart='

/** null when there is no such process, or only its remains. */
export async function readProcess(pid: number): Promise<ProcessInfo | null> {
  try {
    const info = hasProc
      ? parseStat(readProc(`${pid}/stat`), currentBoot())
      : parsePsLine((await run('ps', ['-o', psColumns, '-p', String(pid)])).stdout)
    return info === null || info.zombie ? null : info
  } catch {
    return null
  }
}

/** Every living process of the machine that may be seen. */
export async function listProcesses(): Promise<ProcessInfo[]> {
  if (hasProc) {
    const pids = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
    const found = await Promise.all(pids.map(readProcess))
    return found.filter((info) => info !== null)
  }
  const { stdout } = await run('ps', ['-axo', psColumns], { maxBuffer: 16_777_216 })
  return stdout
    .split('\n')
    .map(parsePsLine)
    .filter((info) => info !== null && !info.zombie) as ProcessInfo[]
}

/** Resident memory in bytes; 0 when the process is gone. */
export async function residentBytes(pid: number): Promise<number> {
  try {
    const text = hasProc
      ? (/^VmRSS:\s+(\d+)/m.exec(readProc(`${pid}/status`))?.[1] ?? '0')
      : (await run('ps', ['-o', 'rss=', '-p', String(pid)])).stdout
    return Number(text) * 1_024
  } catch {
    return 0
  }
}
