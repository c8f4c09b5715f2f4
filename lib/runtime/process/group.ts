/** The process group of a service: itself, its wrapper, and what it has forked. */
import { setTimeout as delay } from 'node:timers/promises'
import { listProcesses, type ProcessInfo, readProcess } from './processes.ts'
import type { WrappedProcess } from './wrapper.ts'

/**
 * Living members of the group. A group's number is not given away while a member lives; when its leader is another process than
 * ours, all of ours are gone and the number has been.
 */
export async function members(of: WrappedProcess, all?: readonly ProcessInfo[]): Promise<ProcessInfo[]> {
  const living = (all ?? (await listProcesses())).filter((info) => info.group === of.wrapperPid)
  const leader = living.find((info) => info.pid === of.wrapperPid)
  if (leader === undefined) return living
  // The wrapper starts before the service, in the same boot.
  return isWrapperOf(leader, of) ? living : []
}

function isWrapperOf(leader: ProcessInfo, of: WrappedProcess): boolean {
  const [leaderBoot, leaderStart] = splitIdentity(leader.identity)
  const [boot, start] = splitIdentity(of.identity)
  return leaderBoot === boot && leaderStart <= start
}

function splitIdentity(identity: string): [boot: string, start: number] {
  const space = identity.indexOf(' ')
  const start = identity.slice(space + 1)
  return [identity.slice(0, space), /^\d+$/.test(start) ? Number(start) : Date.parse(start)]
}

/** False when it is gone already. */
export function sendSignal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

/** Signals the service alone, so that it ends its children in its own order. */
export async function signalService(of: WrappedProcess, name: NodeJS.Signals): Promise<void> {
  const found = await readProcess(of.pid)
  if (found?.identity === of.identity) sendSignal(of.pid, name)
}

/** The wrapper writes the exit code right after the end of the service; on a machine short of time that may take a while. */
const exitWithinMs = 10_000
const lookEveryMs = 20

/** For use after the end of the service: waits for the wrapper to write the exit code, then kills whatever is left of the group. */
export async function clearGroup(of: WrappedProcess, hasExit: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + exitWithinMs
  for (;;) {
    const left = await members(of)
    if (left.length === 0) return
    const wrapperAlive = left.some((info) => info.pid === of.wrapperPid)
    if (!wrapperAlive || performance.now() > until || (await hasExit())) sendSignal(-of.wrapperPid, 'SIGKILL')
    await delay(lookEveryMs)
  }
}
