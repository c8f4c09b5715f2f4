/** Which runtime runs the services, and where they then are. */
import type { Logger } from 'pino'
import type { Config } from '#lib/config.ts'
import type { RuntimeChoice } from '#lib/pipeline/snapshot.ts'
import type { RuntimeKind } from '#lib/pipeline/stages.ts'
import type { Site } from '#lib/runtime/definition.ts'
import {
  createDockerRuntime,
  createSwarmRuntime,
  DockerError,
  type DockerRuntime,
  dockerSite,
  findAddress,
  swarmSite,
} from '#lib/runtime/docker/index.ts'
import { createProcessRuntime, processSite } from '#lib/runtime/process/index.ts'
import type { Runtime } from '#lib/runtime/runtime.ts'
import { StackMemory } from './memory.ts'
import { projectOf } from './project.ts'

const sites: Readonly<Record<RuntimeKind, (config: Config) => Site>> = {
  process: processSite,
  docker: dockerSite,
  swarm: swarmSite,
}

/** Without a kind: as environment or settings say, or processes. */
export const siteOf = (config: Config, kind: RuntimeKind = config.runtime?.kind ?? 'process'): Site =>
  sites[kind](config)

/** What all images begin with. */
export const debian = 'debian:bookworm-slim'

const lookWithinMs = 3_000

/**
 * By the environment, else the settings, else what has the stack's data already, else by whether a Docker engine answers: a swarm is
 * for those who say so. Never
 * rejects: why there is no engine to use is part of the choice.
 */
export async function chooseRuntime(config: Config, log: Logger): Promise<RuntimeChoice> {
  if (config.runtime !== null) return { ...config.runtime, detail: null }
  const { runtime: before } = await new StackMemory(config.homeDir).read()
  if (before !== null) return { kind: before, why: 'data', detail: null }
  const detail = await missingEngine(config, log)
  return detail === null
    ? { kind: 'docker', why: 'engine', detail: null }
    : { kind: 'process', why: 'no-engine', detail }
}

/** Why no Docker engine can be used, in one or two sentences; null when one can. */
export async function missingEngine(config: Config, log: Logger): Promise<string | null> {
  try {
    const runtime = await dockerRuntime(config, log)
    const late = AbortSignal.timeout(lookWithinMs)
    const silent = new Promise<never>((_, reject) => {
      late.addEventListener('abort', () => reject(new Error('The Docker engine does not answer')))
    })
    await Promise.race([runtime.ping(), silent]).finally(() => runtime.close())
    return null
  } catch (error) {
    return error instanceof DockerError ? error.message : String(error)
  }
}

/** Rejects as createRuntime. */
export async function dockerRuntime(
  config: Config,
  log: Logger,
  kind: 'docker' | 'swarm' = 'docker',
): Promise<DockerRuntime> {
  const create = kind === 'docker' ? createDockerRuntime : createSwarmRuntime
  return create({ config, log, address: await findAddress(config), project: projectOf(config), debian })
}

/** Rejects with DockerError where no engine can even be looked for. */
export async function createRuntime(
  config: Config,
  log: Logger,
  kind: RuntimeKind = config.runtime?.kind ?? 'process',
): Promise<Runtime> {
  return kind === 'process' ? createProcessRuntime({ config, log }) : dockerRuntime(config, log, kind)
}
