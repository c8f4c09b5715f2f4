/**
 * The images of the services: built here, from `docker/<image>/Dockerfile` and the artifacts that the process runtime runs too. Each is
 * tagged with what it was made from, so one that is there already is never built again.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { z } from 'zod'
import { type ArtifactId, artifactFolder, artifactPath } from '#lib/artifacts/index.ts'
import type { Config } from '#lib/config.ts'
import type { ServiceDefinition } from '../definition.ts'
import { DockerError, hasStatus } from './errors.ts'
import { jsonLines } from './lines.ts'
import { folderEntries, tar } from './tar.ts'

interface Recipe {
  readonly from: ImageId | null
  /** Copied into the image from the artifact's folder, under the artifact's name. */
  readonly artifacts: readonly ArtifactId[]
}

/** In the order in which they are built. */
export const imageIds = ['base', 'jre', 'mosquitto', 'kafka', 'connect', 'druid'] as const
export type ImageId = (typeof imageIds)[number]

const recipes: Record<ImageId, Recipe> = {
  base: { from: null, artifacts: [] },
  jre: { from: 'base', artifacts: [] },
  mosquitto: { from: 'base', artifacts: [] },
  kafka: { from: 'jre', artifacts: ['kafka'] },
  connect: { from: 'kafka', artifacts: ['connector'] },
  druid: { from: 'jre', artifacts: ['druid'] },
}

const imageOfEngine: Partial<Record<ServiceDefinition['engine'], ImageId>> = {
  ...{ mosquitto: 'mosquitto', kafka: 'kafka', connect: 'connect', druid: 'druid' },
  // Comes with Druid's jars.
  zookeeper: 'druid',
}

/** Throws for a service that no image is made for. */
export function imageIdOf({ id, engine }: ServiceDefinition): ImageId {
  const image = imageOfEngine[engine]
  if (image === undefined) throw new Error(`No image is made for ${id} yet: run it as a process`)
  return image
}

const dockerfile = (id: ImageId, { rootDir }: Config) => readFile(join(rootDir, 'docker', id, 'Dockerfile'), 'utf8')

/** Repository and tag; the tag is made of the Dockerfile, the artifacts and all that lies below. */
export async function imageRef(id: ImageId, config: Config): Promise<string> {
  const { from, artifacts } = recipes[id]
  const below = from === null ? '' : await imageRef(from, config)
  const made = artifacts.map((artifact) => basename(artifactFolder(artifact, config.cacheDir)))
  const identity = [await dockerfile(id, config), below, ...made].join('\n')
  return `aviary/${id}:${createHash('sha256').update(identity).digest('hex').slice(0, 16)}`
}

/** `step` of `steps` of the Dockerfile; `layer` while one is being fetched, in bytes. */
export interface ImageProgress {
  readonly image: ImageId
  readonly phase: 'building' | 'ready'
  readonly step: number
  readonly steps: number
  readonly text: string
  readonly layer: { readonly id: string; readonly doneBytes: number; readonly totalBytes: number } | null
}

export interface ImageOptions {
  readonly config: Config
  /** Debian image to begin with; the guard must know it. */
  readonly debian: string
  readonly onProgress?: (progress: ImageProgress) => void
  readonly signal?: AbortSignal
}

/** Builds what is missing, in order, of the given images and those below them. Needs their artifacts. Idempotent. */
export async function ensureImages(docker: Docker, ids: readonly ImageId[], options: ImageOptions): Promise<void> {
  const wanted = new Set<ImageId>()
  for (let id of ids) for (; !wanted.has(id); id = recipes[id].from ?? id) wanted.add(id)
  for (const id of imageIds.filter((each) => wanted.has(each))) {
    options.signal?.throwIfAborted()
    const ref = await imageRef(id, options.config)
    if (!(await isThere(docker, ref))) await build(docker, id, ref, options)
    options.onProgress?.({ image: id, phase: 'ready', step: 0, steps: 0, text: ref, layer: null })
  }
}

function fetched(artifact: ArtifactId, { cacheDir }: Config): string {
  const folder = artifactPath(artifact, cacheDir)
  if (folder !== null) return folder
  throw new DockerError('build', `The artifact ${artifact}, of which an image is made, is not there`, 'Fetch it first.')
}

async function isThere(docker: Docker, ref: string): Promise<boolean> {
  try {
    await docker.getImage(ref).inspect()
    return true
  } catch (error) {
    if (hasStatus(error, 404)) return false
    throw error
  }
}

const buildLine = z.looseObject({
  stream: z.string().optional(),
  status: z.string().optional(),
  id: z.string().optional(),
  progressDetail: z.looseObject({ current: z.number().optional(), total: z.number().optional() }).optional(),
  error: z.string().optional(),
})

async function build(docker: Docker, id: ImageId, ref: string, options: ImageOptions): Promise<void> {
  const { config, debian, signal, onProgress } = options
  const { from, artifacts } = recipes[id]
  const BASE = from === null ? debian : await imageRef(from, config)
  const folders = artifacts.map((artifact) => folderEntries(fetched(artifact, config), artifact))
  const entries = [
    { path: 'Dockerfile', mode: 0o644, content: await dockerfile(id, config) },
    ...(await Promise.all(folders)).flat(),
  ]
  const query = { t: ref, buildargs: { BASE }, rm: true, forcerm: true, version: '1' as const, abortSignal: signal }
  const answer = await docker.buildImage(Readable.from(tar(entries)), query)
  let at = { step: 0, steps: 0 }
  let last = ''
  for await (const line of jsonLines(answer)) {
    const { stream, status, id: layer, progressDetail, error } = buildLine.parse(line)
    if (error !== undefined) throw buildFault({ id, step: at.step, error, last, debian })
    const step = /^Step (\d+)\/(\d+) : /.exec(stream ?? '')
    if (step !== null) at = { step: Number(step[1]), steps: Number(step[2]) }
    last = (stream ?? status ?? '').trim() || last
    const { current = 0, total = 0 } = progressDetail ?? {}
    const progress = layer === undefined ? null : { id: layer, doneBytes: current, totalBytes: total }
    onProgress?.({ image: id, phase: 'building', ...at, text: last, layer: progress })
  }
}

interface BuildFault {
  readonly id: ImageId
  readonly step: number
  readonly error: string
  /** What the build said before it. */
  readonly last: string
  readonly debian: string
}

function buildFault({ id, step, error, last, debian }: BuildFault): DockerError {
  const reason = /no space left on device/i.test(error) ? 'the disk of the Docker engine is full' : error.trim()
  const base = /(pull access denied|manifest unknown|dial tcp|no such host|i\/o timeout|not found: manifest)/i.test(
    error,
  )
  const hint = base
    ? `Its base ${debian} cannot be fetched: check the network of the Docker engine, or import a Debian image of that name.`
    : `Step ${step} of docker/${id}/Dockerfile said last: ${last}`
  return new DockerError('build', `The image ${id} cannot be built: ${reason}`, hint)
}
