/** Fetches an image that the settings name, with progress by layer. */
import type Docker from 'dockerode'
import { z } from 'zod'
import { nameParts } from '#lib/vendor-images.ts'
import type { PrepareProgress } from '../../runtime.ts'
import { faultOf, jsonLines, progressLine } from '../lines.ts'
import type { RegistryAuth } from './credentials.ts'
import { imageThere } from './debian.ts'
import { pullFault } from './pull-faults.ts'

const pullLine = progressLine.extend({
  id: z.string().optional(),
  status: z.string().optional(),
  progressDetail: z.looseObject({ current: z.number().optional(), total: z.number().optional() }).optional(),
})

export interface PullOptions {
  readonly onProgress: (progress: PrepareProgress) => void
  readonly signal: AbortSignal
  /** The login that is kept for a registry, asked for only when the image is pulled. */
  readonly login: () => Promise<RegistryAuth | null>
}

/**
 * Nothing where it is there: a tag is not looked up again. Rejects with DockerError (`image-missing`, `disk-full`, `unreachable`), or with
 * the signal's reason.
 */
export async function ensurePulled(docker: Docker, name: string, options: PullOptions): Promise<void> {
  const { onProgress, signal, login } = options
  if (await imageThere(docker, name)) return
  const still = { of: name, doneBytes: null, totalBytes: null }
  onProgress({ ...still, state: 'running', detail: 'asking its registry' })
  // Many registries need none, so a login that cannot be had matters only when the pull fails.
  let noLogin: string | null = null
  const auth = await login().catch((error: unknown) => {
    noLogin = error instanceof Error ? error.message : String(error)
    return null
  })
  try {
    const parts = { ...nameParts(name), abortSignal: signal } as object
    const answer = (await docker.createImage(auth ?? {}, parts)) as AsyncIterable<unknown>
    for await (const line of jsonLines(answer)) {
      const parsed = pullLine.parse(line)
      const { id, status = '', progressDetail } = parsed
      const error = faultOf(parsed)
      if (error !== undefined) throw new Error(error)
      const { current = null, total = null } = progressDetail ?? {}
      const detail = id === undefined ? status : `layer ${id}: ${status.toLowerCase()}`
      onProgress({ of: name, state: 'running', detail, doneBytes: total === null ? null : current, totalBytes: total })
    }
  } catch (error) {
    signal.throwIfAborted()
    throw await pullFault(docker, name, error, noLogin)
  }
  onProgress({ ...still, state: 'done', detail: null })
}
