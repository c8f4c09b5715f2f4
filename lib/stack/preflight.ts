/** Looks for everything that would keep services from starting, before anything is started. `aviary doctor` shows the same. */
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { missingTools } from '#lib/artifacts/index.ts'
import type { Config } from '#lib/config.ts'
import { portVariable } from '#lib/config.ts'
import type { PreflightFault } from '#lib/pipeline/snapshot.ts'
import type { RuntimeKind, ServiceId } from '#lib/pipeline/stages.ts'
import { Problem } from '#lib/problem.ts'
import type { ExternalService, PortName, ServiceDefinition } from '#lib/runtime/definition.ts'
import type { Instance, Runtime } from '#lib/runtime/runtime.ts'
import { leftRunning } from './external-keeper.ts'
import { availableBytes, freeDisk, isWritable, machineBytes } from './machine.ts'
import type { StackOptions } from './options.ts'
import { findHolder, isFree } from './ports.ts'

const GB = 1_000_000_000
/** What a stack writes in its first hours: topics, segments, logs. */
const homeBytes = 2 * GB
/** Kafka, Druid, Hive, Superset and what Maven and pip keep beside them, unpacked. */
const fetchBytes = 3.5 * GB
/** Start archives. */
const archiveBytes = 0.6 * GB
const externalWithinMs = 10_000
const mb = (bytes: number) => `${Math.round(bytes / 1_000_000).toLocaleString('en')} MB`

/** Nothing was started; `faults` holds every reason, each with its remedy. */
export class PreflightError extends Error {
  readonly faults: readonly PreflightFault[]
  constructor(faults: readonly PreflightFault[]) {
    super(textOf(faults))
    this.name = 'PreflightError'
    this.faults = faults
  }
}

const textOf = (faults: readonly PreflightFault[]): string =>
  faults.map(({ subject, problem, remedy }) => `${subject}: ${problem} ${remedy}`).join('\n')

export interface PreflightInput {
  readonly config: Config
  readonly runtime: Runtime
  /** What is to be started; those of it that run already need nothing more. */
  readonly services: readonly ServiceDefinition[]
  /** What runs elsewhere and these need. */
  readonly externals: readonly ExternalService[]
}

/** Every fault, in the order in which people should look at them; empty when the services can be started. */
export async function preflight({ config, runtime, services, externals }: PreflightInput): Promise<PreflightFault[]> {
  const running = await runtime.inspect().catch((error: unknown) => error)
  if (!(running instanceof Map)) {
    const why = await runtime.faults(services)
    if (why.length > 0) return [...why]
    throw running
  }
  const left = leftRunning(externals, running)
  if (left.length > 0) return left
  const toStart = services.filter(({ id }) => running.get(id)?.state !== 'running')
  if (toStart.length === 0) return []
  const [missing, own] = await Promise.all([runtime.missingArtifacts(toStart), runtime.faults(toStart)])
  const found = await Promise.all([
    own,
    toolFaults(
      config,
      missing.length > 0,
      own.some(({ subject }) => subject === 'Java'),
    ),
    memoryFaults(toStart, config),
    // In a container of its own the console sees other ports and folders than the engine does, which says what it lacks.
    ...(config.inside ? [] : [diskFaults(config, runtime.kind, missing.length > 0), portFaults(config, toStart)]),
    externalFaults(externals),
  ])
  return found.flat()
}

/** What runs. Throws Problem 409 while something does that is said to be elsewhere: nothing here could stop it. */
export async function inspectOwn({
  runtime,
  externals = [],
}: Pick<StackOptions, 'runtime' | 'externals'>): Promise<ReadonlyMap<ServiceId, Instance>> {
  const found = await runtime.inspect()
  const left = leftRunning(externals, found)
  if (left.length > 0) throw new Problem(409, textOf(left))
  return found
}

/** What would keep a console of this home from listening, while none runs. */
export const consoleFaults = (config: Config): Promise<PreflightFault[]> =>
  portFaults(config, [{ id: 'the console', ports: ['console'] }])

export async function checkConsolePort(config: Config): Promise<void> {
  const faults = await consoleFaults(config)
  if (faults.length > 0) throw new PreflightError(faults)
}

async function toolFaults({ cacheDir }: Config, fetching: boolean, javaTold: boolean): Promise<PreflightFault[]> {
  if (!fetching) return []
  const tools = (await missingTools(cacheDir)).filter(({ tool }) => !(tool === 'java' && javaTold))
  return tools.map(({ tool, why, install }) => ({ subject: tool, problem: `It is missing: ${why}.`, remedy: install }))
}

async function memoryFaults(services: readonly ServiceDefinition[], { inside }: Config): Promise<PreflightFault[]> {
  const needed = services.reduce((sum, { memoryMb }) => sum + memoryMb, 0) * 1_000_000
  const { bytes, limitedBy } = await (inside ? machineBytes() : availableBytes())
  if (bytes >= needed) return []
  return [
    {
      subject: 'memory',
      problem: `The services need about ${mb(needed)}; ${mb(bytes)} are available${limitedBy === null ? '' : ` (limit of ${limitedBy})`}.`,
      remedy:
        limitedBy === null
          ? 'Close other programs, or start fewer services.'
          : 'Raise the memory limit of this container, or start fewer services.',
    },
  ]
}

async function diskFaults(
  { homeDir, cacheDir }: Config,
  kind: RuntimeKind,
  fetching: boolean,
): Promise<PreflightFault[]> {
  // Containers keep their data with the engine, whose disk may be another: it says by itself when that is full.
  const own = kind === 'process' ? { home: homeBytes, archives: archiveBytes } : { home: 0, archives: 0 }
  const folders = [
    { dir: homeDir, needed: own.home, variable: 'AVIARY_HOME' },
    { dir: cacheDir, needed: own.archives + (fetching ? fetchBytes : 0), variable: 'XDG_CACHE_HOME' },
  ]
  const places = await Promise.all(
    folders.map(async (folder) => ({
      ...folder,
      writable: await isWritable(folder.dir),
      free: await freeDisk(folder.dir),
      disk: await diskOf(folder.dir),
    })),
  )
  const readOnly = places
    .filter(({ writable }) => !writable)
    .map(({ dir, variable }) => ({
      subject: dir,
      problem: 'It cannot be written to.',
      remedy: `Change its permissions, or choose another folder with ${variable}.`,
    }))
  return [...readOnly, ...fullDisks(places.filter(({ writable }) => writable))]
}

/** The file system of a folder that may not be there yet. */
async function diskOf(dir: string): Promise<number> {
  const info = await stat(dir).catch(() => null)
  return info === null ? diskOf(dirname(dir)) : info.dev
}

export interface DiskNeed {
  readonly dir: string
  readonly needed: number
  /** The setting that moves it. */
  readonly variable: string
  readonly free: number
  readonly disk: number
}

/** What is needed on one file system is needed together. */
export function fullDisks(places: readonly DiskNeed[]): PreflightFault[] {
  return [...Map.groupBy(places, ({ disk }) => disk).values()].flatMap((sharing) => {
    const needed = sharing.reduce((sum, place) => sum + place.needed, 0)
    const free = Math.min(...sharing.map((place) => place.free))
    if (free >= needed) return []
    return {
      subject: sharing.map(({ dir }) => dir).join(' and '),
      problem: `${mb(needed)} are needed there; ${mb(free)} are free.`,
      remedy: `Make room, or choose a folder on another disk with ${sharing.map(({ variable }) => variable).join(' or ')}.`,
    }
  })
}

async function externalFaults(externals: readonly ExternalService[]): Promise<PreflightFault[]> {
  const found = await Promise.all(
    externals.map(async ({ id, engine, address, ready }) => {
      const { waitsFor } = await ready(AbortSignal.timeout(externalWithinMs))
      if (waitsFor === null) return []
      return {
        subject: id,
        problem: `It is to be at ${address}, but cannot be used: ${waitsFor}.`,
        remedy: `Start it where it runs, or correct external.${engine} in settings.json and start the console again.`,
      }
    }),
  )
  return found.flat()
}

interface PortUser {
  readonly id: string
  readonly ports: readonly PortName[]
}

async function portFaults(config: Config, users: readonly PortUser[]): Promise<PreflightFault[]> {
  const wanted = users.flatMap(({ id, ports }) => ports.map((name) => ({ id, name })))
  const taken: { id: string; name: PortName }[] = []
  // One after another: probing binds the port for an instant, and these are few.
  for (const want of wanted) if (!(await isFree(config.host, config.ports[want.name]))) taken.push(want)
  return Promise.all(
    taken.map(async ({ id, name }) => {
      const port = config.ports[name]
      const holder = await findHolder(port)
      return {
        subject: `port ${port}`,
        problem: `${id} needs it, and ${holder === null ? 'another program' : `process ${holder.pid} (${holder.command})`} holds it.`,
        remedy: `Stop that program, or give ${id} another port with ${portVariable(name)}, or move all ports with AVIARY_PORT_OFFSET.`,
      }
    }),
  )
}
