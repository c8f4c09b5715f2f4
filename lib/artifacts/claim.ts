/** One maker of an artifact at a time, over all processes of this machine: a lock file that names its owner. */
import { createHash, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'

const ownerSchema = z.object({ pid: z.number().int().positive(), started: z.string().nullable() })
export type Owner = z.infer<typeof ownerSchema>

/** Start time of a process in clock ticks since boot, null where the system does not tell. Tells a pid from its reuse. */
export function startedAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the name in brackets and may hold anything; field 22 is the 20th after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

/** Whether the process that wrote the lock still runs. */
export function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    // EPERM: it runs, as another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return owner.started === null || owner.started === startedAt(owner.pid)
}

async function readOwner(file: string): Promise<{ text: string; owner: Owner | null } | null> {
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return null
  try {
    return { text, owner: ownerSchema.parse(JSON.parse(text)) }
  } catch {
    return { text, owner: null }
  }
}

/**
 * Removes a lock whose owner is gone. Of all who see it only the one that holds the lock for this very removal may do it, and looks
 * once more: nobody else can have removed it meanwhile, so it cannot be the lock of somebody new. That second lock may be left
 * behind like any other, and is then removed in the same way. `mine`: a file with our name in it.
 */
async function removeStale(file: string, staleText: string, mine: string): Promise<void> {
  const removal = `${file}.${createHash('sha256').update(staleText).digest('hex').slice(0, 16)}`
  try {
    await link(mine, removal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const other = await readOwner(removal)
    if (other !== null && (other.owner === null || !isAlive(other.owner))) await removeStale(removal, other.text, mine)
    return
  }
  const held = await readOwner(file)
  if (held?.text === staleText) await rm(file, { force: true })
  await rm(removal, { force: true })
}

/**
 * Waits until this process holds `file`, takes over locks of dead processes, and resolves to the release. `onWait` gets the pid
 * waited for. Rejects with the signal's reason. Holds within one machine: pids say nothing across machines.
 */
export async function claim(
  file: string,
  options: { signal?: AbortSignal; onWait?: (pid: number) => void } = {},
): Promise<() => Promise<void>> {
  await mkdir(dirname(file), { recursive: true })
  const mine = `${file}.${randomUUID()}`
  await writeFile(mine, JSON.stringify({ pid: process.pid, started: startedAt(process.pid) } satisfies Owner))
  try {
    for (;;) {
      options.signal?.throwIfAborted()
      try {
        // A link appears with its content or not at all, so nobody ever reads half a lock.
        await link(mine, file)
        return () => rm(file, { force: true })
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const held = await readOwner(file)
      if (held === null) continue
      if (held.owner === null || !isAlive(held.owner)) {
        await removeStale(file, held.text, mine)
        continue
      }
      options.onWait?.(held.owner.pid)
      await delay(200, undefined, { signal: options.signal })
    }
  } finally {
    await rm(mine, { force: true })
  }
}
