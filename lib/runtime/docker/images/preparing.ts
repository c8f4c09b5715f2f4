/** What must be there before containers can be made: images, and the artifacts of those that are yet to be built. */
import type Docker from 'dockerode'
import { type ArtifactId, artifactPath } from '#lib/artifacts/index.ts'
import type { Config } from '#lib/config.ts'
import type { PreflightFault } from '#lib/pipeline/snapshot.ts'
import type { PrepareProgress } from '../../runtime.ts'
import { imageThere } from './debian.ts'
import { artifactsOf, ensureImages, type ImageId, type ImageProgress, imageRef, withBelow } from './index.ts'

export interface Preparing {
  readonly docker: Docker
  readonly config: Config
  readonly debian: string
}

/** Images that are not there, of these and those below them, in the order in which they are built. */
export async function missingImages({ docker, config }: Preparing, ids: readonly ImageId[]): Promise<ImageId[]> {
  const missing: ImageId[] = []
  for (const id of withBelow(ids)) if (!(await imageThere(docker, await imageRef(id, config)))) missing.push(id)
  return missing
}

/** Of a console in a container, which has neither Maven nor pip, and no checkout: there images are made before. */
export async function imageFaults(way: Preparing, ids: readonly ImageId[]): Promise<PreflightFault[]> {
  const missing = await missingImages(way, ids)
  if (missing.length === 0) return []
  const refs = await Promise.all(missing.map((id) => imageRef(id, way.config)))
  return [
    {
      subject: 'images',
      problem: `They are not there, and this console, in a container itself, cannot build them: ${refs.join(', ')}.`,
      remedy: 'Build them on the machine, in the checkout that this console was built from: bin/aviary images',
    },
  ]
}

export async function missingForImages(way: Preparing, ids: readonly ImageId[]): Promise<ArtifactId[]> {
  const needed = (await missingImages(way, ids)).flatMap(artifactsOf)
  return [...new Set(needed)].filter((artifact) => artifactPath(artifact, way.config.cacheDir) === null)
}

/** Builds what is missing, telling each image before its turn. Resolves to the names of all. */
export async function prepareImages(
  way: Preparing,
  ids: readonly ImageId[],
  onProgress: (p: PrepareProgress) => void,
  signal: AbortSignal,
): Promise<ReadonlyMap<ImageId, string>> {
  const missing = await missingImages(way, ids)
  for (const of of missing) onProgress({ of, state: 'pending', detail: null, doneBytes: null, totalBytes: null })
  const tell = (progress: ImageProgress) => {
    if (missing.includes(progress.image)) onProgress(told(progress))
  }
  return ensureImages(way.docker, ids, { ...way, onProgress: tell, signal })
}

function told({ image: of, phase, step, steps, text, layer }: ImageProgress): PrepareProgress {
  if (phase === 'ready') return { of, state: 'done', detail: null, doneBytes: null, totalBytes: null }
  const { doneBytes, totalBytes } = layer ?? { doneBytes: 0, totalBytes: 0 }
  return {
    of,
    state: 'running',
    detail: steps === 0 ? text : `${step}/${steps} ${text}`,
    doneBytes: totalBytes > 0 ? doneBytes : null,
    totalBytes: totalBytes > 0 ? totalBytes : null,
  }
}
