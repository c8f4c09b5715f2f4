/** The project's containers, asked of the engine: nothing about them is remembered, so any later console finds the same. */
import type Docker from 'dockerode'
import { type ServiceId, serviceIds } from '#lib/pipeline/stages.ts'
import { parseExitFile } from '../process/wrapper.ts'
import type { Instance, ServiceExit } from '../runtime.ts'
import { hasStatus } from './errors.ts'
import { type Scope, serviceLabel } from './guard/scope.ts'
import { hashLabel } from './spec.ts'

/** Name of the image of a container that was made of its id. */
export const madeFromLabel = 'io.aviary.made-from'

export interface FoundContainer {
  readonly id: string
  readonly service: ServiceId
  readonly hash: string | null
  readonly running: boolean
  /** It runs, and its health check, where it has one, says that it is well. */
  readonly well: boolean
  readonly instance: Instance
}

export const isServiceId = (name: string): name is ServiceId => (serviceIds as readonly string[]).includes(name)

export interface ListOptions {
  readonly service?: ServiceId
  /** Only containers that use this volume. */
  readonly volume?: string
}

/** Every container of the project, with its exit. One that goes meanwhile is left out. */
export async function listContainers(
  docker: Docker,
  scope: Scope,
  options: ListOptions = {},
): Promise<FoundContainer[]> {
  const { service, volume } = options
  const label = service === undefined ? [scope.label] : [scope.label, `${serviceLabel}=${service}`]
  const filters: Record<string, string[]> = volume === undefined ? { label } : { label, volume: [volume] }
  const listed = await docker.listContainers({ all: true, filters })
  // Another file of the same project may have made more; the console's own may not even be looked at.
  const ours = listed.filter(({ Labels }) => isServiceId(Labels[serviceLabel] ?? ''))
  const found = await Promise.all(ours.map(({ Id }) => findContainer(docker, Id)))
  return found.filter((container) => container !== null)
}

/** null when it is not there any more, or is none of a service. */
export async function findContainer(docker: Docker, id: string): Promise<FoundContainer | null> {
  try {
    const info = await docker.getContainer(id).inspect()
    const service = info.Config.Labels[serviceLabel] ?? ''
    if (!isServiceId(service)) return null
    const { State } = info
    const running = State.Running || State.Paused || State.Restarting
    const instance: Instance = {
      service,
      // Made, but never started: as if it were not there.
      state: running ? 'running' : State.Status === 'created' ? 'absent' : 'exited',
      handle: id.slice(0, 12),
      startedAt: moment(State.StartedAt),
      image: info.Config.Labels[madeFromLabel] ?? info.Config.Image,
      exit:
        running || State.Status === 'created'
          ? null
          : exitOf(State.ExitCode, State.OOMKilled, moment(State.FinishedAt)),
    }
    const well = running && (State.Health?.Status ?? 'healthy') === 'healthy'
    return { id, service, hash: info.Config.Labels[hashLabel] ?? null, running, well, instance }
  } catch (error) {
    if (hasStatus(error, 404)) return null
    throw error
  }
}

/** The engine says year 1 for "never". */
function moment(text: string): number | null {
  const at = Date.parse(text)
  return Number.isNaN(at) || at <= 0 ? null : at
}

/** As the process runtime tells it: 128 + n is the signal n. */
export function exitOf(code: number | null, outOfMemory: boolean, at: number | null): ServiceExit {
  const parsed = code === null ? null : parseExitFile(`${code}\n`)
  const { signal = null } = parsed ?? {}
  return {
    code: parsed?.code ?? null,
    signal: outOfMemory ? `${signal ?? 'SIGKILL'}, out of memory` : signal,
    at: at ?? Date.now(),
  }
}
