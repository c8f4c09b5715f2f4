/** Whether an engine is there that can be used. */
import type Docker from 'dockerode'
import { z } from 'zod'
import type { PreflightFault } from '#lib/pipeline/snapshot.ts'
import { DockerError } from './errors.ts'

/** Of Docker 20.10: the oldest with all that is asked of it here. */
const oldestApi = '1.41'

const Version = z.looseObject({ ApiVersion: z.string().regex(/^\d+\.\d+$/), Version: z.string().optional() })

/** Throws DockerError, which says what to do. */
export async function checkEngine(docker: Docker): Promise<void> {
  const { ApiVersion, Version: name = 'unknown' } = Version.parse(await docker.version())
  if (olderThan(ApiVersion, oldestApi))
    throw new DockerError(
      'rejected',
      `The Docker engine is too old: version ${name} with API ${ApiVersion}`,
      `Docker 20.10 or newer is needed (API ${oldestApi}).`,
    )
}

function olderThan(one: string, other: string): boolean {
  const [major = 0, minor = 0] = one.split('.').map(Number)
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number)
  return major < otherMajor || (major === otherMajor && minor < otherMinor)
}

export function engineFault(error: unknown): PreflightFault {
  const subject = 'Docker'
  if (!(error instanceof DockerError))
    return { subject, problem: `The engine cannot be asked: ${String(error)}.`, remedy: 'See the log of the engine.' }
  const problem = error.message.slice(0, -error.hint.length).trim()
  return { subject, problem, remedy: error.hint }
}
