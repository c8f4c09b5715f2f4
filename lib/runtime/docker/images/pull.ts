/** Fetches an image that the settings name, with progress by layer. */
import type Docker from 'dockerode'
import { z } from 'zod'
import { nameParts } from '#lib/vendor-images.ts'
import type { PrepareProgress } from '../../runtime.ts'
import { DockerError } from '../errors.ts'
import { freeOnEngine, makeRoom, tellsFullDisk } from '../full-disk.ts'
import { faultOf, jsonLines, progressLine } from '../lines.ts'
import { imageThere } from './debian.ts'

const pullLine = progressLine.extend({
  id: z.string().optional(),
  status: z.string().optional(),
  progressDetail: z.looseObject({ current: z.number().optional(), total: z.number().optional() }).optional(),
})

/** Nothing where it is there: a tag is not looked up again. Rejects with DockerError (`image-missing`, `disk-full`), or with the signal's reason. */
export async function ensurePulled(
  docker: Docker,
  name: string,
  onProgress: (progress: PrepareProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  if (await imageThere(docker, name)) return
  const still = { of: name, doneBytes: null, totalBytes: null }
  onProgress({ ...still, state: 'running', detail: 'asking its registry' })
  try {
    const answer: AsyncIterable<unknown> = await docker.createImage({
      ...nameParts(name),
      abortSignal: signal,
    } as object)
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
    const why = error instanceof Error ? error.message : String(error)
    throw tellsFullDisk(why) ? noRoom(name, await freeOnEngine(docker)) : missing(name, why, error)
  }
  onProgress({ ...still, state: 'done', detail: null })
}

const noRoom = (name: string, free: string): DockerError =>
  new DockerError(
    'disk-full',
    `The image ${name} cannot be fetched: the disk of the Docker engine is full${free}`,
    makeRoom,
  )

const missing = (name: string, why: string, cause: unknown): DockerError =>
  new DockerError(
    'image-missing',
    `The image ${name}, named in settings.json, cannot be fetched: ${why}`,
    'Correct its name, bring it to this engine (docker pull, docker load), or take it out of settings.json.',
    { cause },
  )
