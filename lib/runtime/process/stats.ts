/** CPU and memory of services, their children included. */
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { ServiceStats } from '../runtime.ts'
import { members } from './group.ts'
import { listProcesses, type ProcessInfo, residentBytes } from './processes.ts'
import type { WrappedProcess } from './wrapper.ts'

/** One walk over /proc serves the questions for all services. */
const walkForMs = 500

interface Reading {
  readonly at: number
  readonly cpuMs: ReadonlyMap<string, number>
}

export class ProcessStats {
  #walk: { at: number; list: Promise<ProcessInfo[]> } | null = null
  readonly #last = new Map<ServiceId, Reading>()

  async of(service: ServiceId, process: WrappedProcess): Promise<ServiceStats> {
    const living = await members(process, await this.#processes())
    const at = performance.now()
    const previous = this.#last.get(service)
    const cpuMs = new Map(living.map((info) => [`${info.pid} ${info.identity}`, info.cpuMs]))
    this.#last.set(service, { at, cpuMs })
    const resident = await Promise.all(living.map((info) => residentBytes(info.pid)))
    const rssBytes = resident.reduce((sum, bytes) => sum + bytes, 0)
    return { cpuPercent: previous === undefined ? 0 : busyPercent(previous, { at, cpuMs }), rssBytes }
  }

  #processes(): Promise<ProcessInfo[]> {
    const now = performance.now()
    if (this.#walk === null || now - this.#walk.at > walkForMs) this.#walk = { at: now, list: listProcesses() }
    return this.#walk.list
  }
}

/** Percent of one core between two readings. A process that came in between counts whole, one that went counts no more. */
export function busyPercent(before: Reading, after: Reading): number {
  const elapsed = after.at - before.at
  if (elapsed <= 0) return 0
  let busy = 0
  for (const [process, cpuMs] of after.cpuMs) busy += cpuMs - (before.cpuMs.get(process) ?? 0)
  return Math.max(0, (busy / elapsed) * 100)
}
