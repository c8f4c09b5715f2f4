/**
 * The images of the services: built here, from `docker/<image>/Dockerfile` and the artifacts that the process runtime runs too. Each is
 * tagged with what it was made from, so one that is there already is never built again.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type Docker from 'dockerode'
import { type ArtifactId, artifactFolder, artifactPath } from '#lib/artifacts/index.ts'
import type { Config } from '#lib/config.ts'
import { vendorImage } from '#lib/vendor-images.ts'
import type { ServiceDefinition } from '../../definition.ts'
import { DockerError, hasStatus } from '../errors.ts'
import { imageLabel } from '../guard/scope.ts'
import type { SpecContext } from '../spec.ts'
import { folderEntries, type TarEntry } from '../tar.ts'
import { buildImage } from './build.ts'
import { consoleEntries, consoleIdentity } from './console.ts'
import { chooseDebian, imageThere } from './debian.ts'

interface Recipe {
  readonly from: ImageId | null
  /** Copied into the image from the artifact's folder, under the artifact's name. */
  readonly artifacts: readonly ArtifactId[]
  readonly sources?: Sources
  /** Artifacts that are among the sources. */
  readonly needs?: readonly ArtifactId[]
}

/** Files of this checkout that are copied into an image. */
interface Sources {
  entries(config: Config): Promise<TarEntry[]>
  /** What stands for them in the tag. */
  identity(config: Config): Promise<string>
}

/** In the order in which they are built. */
export const imageIds = [
  'base',
  'door',
  'jre',
  'mosquitto',
  'kafka',
  'connect',
  'druid',
  'hive',
  'superset',
  'console',
] as const
export type ImageId = (typeof imageIds)[number]

/** Beside the Dockerfile of Superset. */
const assets: Sources = {
  entries: ({ rootDir }) => folderEntries(join(rootDir, 'docker/superset/assets'), 'assets'),
  async identity(config) {
    const texts = (await this.entries(config)).map(async ({ path, content }) =>
      content === null || typeof content === 'string'
        ? (content ?? '')
        : `${path}\n${await readFile(content.file, 'utf8')}`,
    )
    return (await Promise.all(texts)).join('\n')
  },
}

const recipes: Record<ImageId, Recipe> = {
  base: { from: null, artifacts: [] },
  door: { from: 'base', artifacts: [] },
  jre: { from: 'base', artifacts: [] },
  mosquitto: { from: 'base', artifacts: [] },
  kafka: { from: 'jre', artifacts: ['kafka'] },
  connect: { from: 'kafka', artifacts: ['connector'] },
  druid: { from: 'jre', artifacts: ['druid'] },
  hive: { from: 'jre', artifacts: ['hive'] },
  superset: { from: 'base', artifacts: ['superset'], sources: assets },
  console: {
    from: 'base',
    artifacts: [],
    sources: { entries: consoleEntries, identity: consoleIdentity },
    needs: ['tweets-text'],
  },
}

/** ZooKeeper comes with Druid's jars. */
export const imageIdOf = ({ engine }: ServiceDefinition): ImageId => (engine === 'zookeeper' ? 'druid' : engine)

/** Where the settings name an image of its vendor, that one, and the base of ours for the owner of its volumes. */
export async function imageOf(
  service: ServiceDefinition,
  config: Config,
): Promise<Pick<SpecContext, 'image' | 'vendor'>> {
  const named = config.images[service.id]
  const vendor = vendorImage(service.id)
  if (named === undefined || vendor === null) return { image: await imageRef(imageIdOf(service), config) }
  return { image: named, vendor: { ...vendor, base: await imageRef('base', config) } }
}

/** Images of ours that these services need. */
export const builtFor = (services: readonly ServiceDefinition[], { images }: Config): ImageId[] =>
  services.map((service) => (images[service.id] === undefined ? imageIdOf(service) : 'base'))

/** Images of others that these services need. */
export const namedFor = (services: readonly ServiceDefinition[], { images }: Config): string[] => [
  ...new Set(services.flatMap(({ id }) => images[id] ?? [])),
]

/** These images and those below them, in the order in which they are built. */
export function withBelow(ids: readonly ImageId[]): ImageId[] {
  const wanted = new Set<ImageId>()
  for (let id of ids) for (; !wanted.has(id); id = recipes[id].from ?? id) wanted.add(id)
  return imageIds.filter((each) => wanted.has(each))
}

/** What an image is made of. */
export const artifactsOf = (id: ImageId): readonly ArtifactId[] => [
  ...recipes[id].artifacts,
  ...(recipes[id].needs ?? []),
]

const dockerfile = (id: ImageId, { rootDir }: Config) => readFile(join(rootDir, 'docker', id, 'Dockerfile'), 'utf8')

/** Repository and tag; the tag is made of the Dockerfile, what is copied, and all that lies below: everywhere the same. */
export async function imageRef(id: ImageId, config: Config): Promise<string> {
  const { from, artifacts, sources } = recipes[id]
  const below = from === null ? '' : await imageRef(from, config)
  const made = artifacts.map((artifact) => basename(artifactFolder(artifact, config.cacheDir)))
  const copied = sources === undefined ? [] : [await sources.identity(config)]
  const identity = [await dockerfile(id, config), below, ...made, ...copied].join('\n')
  return `aviary/${id}:${createHash('sha256').update(identity).digest('hex').slice(0, 16)}`
}

/** `step` of `steps` of the Dockerfile; `layer` while bytes are on their way: of a layer that is fetched, or of what the build is made of. */
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

/**
 * Builds what is missing, in order, of the given images and those below them. Needs their artifacts. Idempotent. Resolves to their names: what
 * they are made of may have changed since.
 */
export async function ensureImages(
  docker: Docker,
  ids: readonly ImageId[],
  options: ImageOptions,
): Promise<ReadonlyMap<ImageId, string>> {
  const { config, onProgress, signal } = options
  const refs = new Map<ImageId, string>()
  for (const id of withBelow(ids)) {
    signal?.throwIfAborted()
    const ref = await imageRef(id, config)
    if (!(await imageThere(docker, ref))) await build(docker, id, ref, options)
    refs.set(id, ref)
    onProgress?.({ image: id, phase: 'ready', step: 0, steps: 0, text: ref, layer: null })
  }
  return refs
}

/** For a Compose file that is written by hand: it cannot know the tag. */
export async function nameLatest(docker: Docker, id: ImageId, ref: string): Promise<void> {
  await docker.getImage(ref).tag({ repo: `aviary/${id}`, tag: 'latest' })
}

/** Removes what was built here of something that has changed since, unless a container uses it. Resolves to the names of what went. */
export async function removeOldImages(docker: Docker, config: Config): Promise<string[]> {
  const current = await Promise.all(imageIds.map((id) => imageRef(id, config)))
  const listed = await docker.listImages({ filters: { label: [imageLabel] } })
  const removed: string[] = []
  // What people build upon ours inherits the label.
  const isOurs = (ref: string) => imageIds.some((id) => ref.startsWith(`aviary/${id}:`))
  for (const ref of listed.flatMap(({ RepoTags }) => RepoTags ?? [])) {
    if (!isOurs(ref) || current.includes(ref) || ref.endsWith(':latest')) continue
    try {
      await docker.getImage(ref).remove()
      removed.push(ref)
    } catch (error) {
      if (!hasStatus(error, 404, 409)) throw error
    }
  }
  return removed
}

async function build(docker: Docker, id: ImageId, ref: string, options: ImageOptions): Promise<void> {
  const { config, debian, onProgress, signal } = options
  const { from, artifacts, sources } = recipes[id]
  const base = from === null ? await chooseDebian(docker, debian) : await imageRef(from, config)
  const folders = artifacts.map((artifact) => folderEntries(fetched(artifact, config), artifact))
  const entries = [
    { path: 'Dockerfile', mode: 0o644, content: await dockerfile(id, config) },
    ...(await Promise.all(folders)).flat(),
    ...((await sources?.entries(config)) ?? []),
  ]
  const onStep = (step: Omit<ImageProgress, 'image' | 'phase'>) =>
    onProgress?.({ image: id, phase: 'building', ...step })
  await buildImage(docker, { name: id, ref, base, entries, onStep, signal })
}

function fetched(artifact: ArtifactId, { cacheDir }: Config): string {
  const folder = artifactPath(artifact, cacheDir)
  if (folder !== null) return folder
  throw new DockerError('build', `The artifact ${artifact}, of which an image is made, is not there`, 'Fetch it first.')
}
