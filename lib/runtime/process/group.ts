/** The process group of a service: itself, its wrapper, and what it has forked. */
import { setTimeout as delay } from 'node:timers/promises'
import { listProcesses, type ProcessInfo, readProcess } from './processes.ts'
import type { WrappedProcess } from './wrapper.ts'

/**
 * Living members of the group. A group's number is not given away while a member lives; when its leader is another process than
 * ours, all of ours are gone and the number has been. Nothing outlives a boot either (where there is no /proc the boot is not known).
 */
export async function members(of: WrappedProcess, all?: readonly ProcessInfo[]): Promise<ProcessInfo[]> {
  const living = (all ?? (await listProcesses())).filter((info) => info.group === of.wrapperPid)
  const leader = living.find((info) => info.pid === of.wrapperPid)
  if (leader === undefined) return living.filter((info) => bootOf(info) === bootOf(of))
  // The wrapper starts before the service, in the same boot.
  return isWrapperOf(leader, of) ? living : []
}

function isWrapperOf(leader: ProcessInfo, of: WrappedProcess): boolean {
  const [leaderBoot, leaderStart] = splitIdentity(leader.identity)
  const [boot, start] = splitIdentity(of.identity)
  return leaderBoot === boot && leaderStart <= start
}

const bootOf = ({ identity }: { readonly identity: string }) => splitIdentity(identity)[0]

function splitIdentity(identity: string): [boot: string, start: number] {
  const space = identity.indexOf(' ')
  const start = identity.slice(space + 1)
  return [identity.slice(0, space), /^\d+$/.test(start) ? Number(start) : Date.parse(start)]
}

/** False when it is gone already, or its number belongs to somebody else's process by now. */
export function sendSignal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM')) return false
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
/** What is killed and still there after this long hangs in the kernel, and may do so for ever. */
const clearWithinMs = 30_000
const lookEveryMs = 20

/**
 * For use after the end of the service: waits for the wrapper to write the exit code, then kills whatever is left of the group.
 * Throws when something is left all the same.
 */
export async function clearGroup(
  of: WrappedProcess,
  hasExit: () => Promise<boolean>,
  withinMs: number = clearWithinMs,
): Promise<void> {
  const begun = performance.now()
  for (;;) {
    const left = await members(of)
    if (left.length === 0) return
    const waited = performance.now() - begun
    if (waited > withinMs) {
      const pids = left.map((info) => info.pid).join(', ')
      throw new Error(
        `Of the process group ${of.wrapperPid} there is still left after ${Math.round(waited / 1_000)} s: ${pids}`,
      )
    }
    const wrapperAlive = left.some((info) => info.pid === of.wrapperPid)
    if (!wrapperAlive || waited > exitWithinMs || (await hasExit())) {
      if (!sendSignal(-of.wrapperPid, 'SIGKILL')) return
    }
    await delay(lookEveryMs)
  }
}
