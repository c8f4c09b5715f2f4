/** What the guard knows of one stack: the words by which its objects are told from those of others. */
import { z } from 'zod'

export const projectLabel = 'com.docker.compose.project'
export const serviceLabel = 'com.docker.compose.service'
/** Images built here carry it; its value is the image's name without repository and tag. */
export const imageLabel = 'io.aviary.image'

export interface Scope {
  /** Name of the Compose project; lower-case letters, digits and dashes. */
  readonly project: string
  /** `key=value` that all objects of the stack carry. */
  readonly label: string
  /** Images with their tags that may be pulled and run beside those built here (`vendor/name:tag`). */
  readonly images: readonly string[]
  /**
   * Whether images may be made, named and removed. Not by way of the gate: whoever could replace what the gate itself is started from, or
   * what that is built upon, would have the engine at its next start.
   */
  readonly builds: boolean
}

/** Throws when the project cannot be part of names that Docker takes. */
export function scopeOf(project: string, images: readonly string[] = [], builds = true): Scope {
  if (!/^[a-z][a-z0-9-]{0,40}$/.test(project))
    throw new Error(`"${project}" cannot name a project: lower-case letters, digits and dashes only`)
  return { project, label: `${projectLabel}=${project}`, images, builds }
}

/** As parts of patterns: repository of an image built here; a tag. */
export const own = 'aviary/[a-z][a-z0-9-]{0,40}'
export const tag = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'

/** Name of an image built here, without its tag. */
export const ownRepository = z.string().regex(new RegExp(`^${own}$`))
export const imageTag = z.string().regex(new RegExp(`^${tag}$`))
/** Of an image in a registry, and what the engine itself calls an image by. */
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
export const ownImage = z.string().regex(new RegExp(`^${own}:${tag}$`))

/** An image that may be run: built here, or named in the settings. */
export const imageName = ({ images }: Scope) => z.union([ownImage, z.string().refine((name) => images.includes(name))])

/**
 * Services of the console's own Compose file (`docker/console`), which has the project of the stack so that both have one network. The
 * console has no business with its own container, and none with the gate's: nothing of theirs is touched, and nothing is named like it.
 */
export const keptServices: readonly string[] = ['console', 'gate']

/** As part of patterns: a name of ours, after the project. */
export const ownRest = `(?!(?:${keptServices.join('|')})(?:[_-]|$))[a-z0-9][a-z0-9_-]{0,60}`

/** Names of our networks and volumes, as Compose forms them. */
export const ownName = ({ project }: Scope) => z.string().regex(new RegExp(`^${project}_${ownRest}$`))
/** Names of our containers. */
export const ownContainerName = ({ project }: Scope) => z.string().regex(new RegExp(`^${project}-${ownRest}$`))

/** Labels that Compose and we give a meaning to, the project's among them with our value: nothing is made that would not be ours. */
export const ownLabels = ({ project }: Scope) =>
  z
    .record(z.string().regex(/^(com\.docker\.compose|io\.aviary)\.[a-z0-9._-]{1,60}$/), z.string())
    .refine((labels) => labels[projectLabel] === project, { error: `the label ${projectLabel} must be ${project}` })
    .refine((labels) => !keptServices.includes(labels[serviceLabel] ?? ''), { error: 'it would pass for the console' })
