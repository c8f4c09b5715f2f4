/** The list of the guard: every request that may be made, by exact method, path, query and body. */
import { z } from 'zod'
import { type ContainerBody, containerBody, networkBody, volumeBody } from './bodies.ts'
import { filters, json, nothing, query, texts } from './queries.ts'
import {
  digest,
  imageLabel,
  imageName,
  imageTag,
  own,
  ownContainerName,
  ownImage,
  ownRepository,
  ownRest,
  type Scope,
  tag,
} from './scope.ts'
import { swarmRules } from './swarm.ts'

export type OwnedKind = 'container' | 'network' | 'volume' | 'image' | 'image-id' | 'service' | 'secret'

/** The checked parts of a request. */
export interface Admission {
  /** What the first group of the path names. */
  readonly subject: string
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
}

export interface Rule {
  readonly name: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: RegExp
  readonly query: z.ZodType<Record<string, string>>
  readonly body: 'none' | 'tar' | z.ZodType
  /** Objects that must carry our label before the request is made. */
  readonly owned?: (admission: Admission) => readonly (readonly [OwnedKind, string])[]
  /** Whether the subject is an image, which is ours by its name. */
  readonly image?: true
}

const flag = z.enum(['true', 'false', '1', '0'])
const whole = z.string().regex(/^\d{1,9}$/)
const moment = z.string().regex(/^\d{1,12}(\.\d{1,9})?$/)
const byId: Rule['owned'] = ({ subject }) => [['container', subject]]

function containerRules(scope: Scope): Rule[] {
  const id = '([0-9a-f]{64})'
  const one = (name: string, method: Rule['method'], verb: string, shape: Rule['query'], body: Rule['body'] = 'none') =>
    ({ name, method, path: new RegExp(`^/containers/${id}${verb}$`), query: shape, body, owned: byId }) satisfies Rule
  const logs = { stdout: flag, stderr: flag, tail: whole, follow: flag.optional(), since: moment.optional() }
  return [
    {
      name: 'list containers',
      method: 'GET',
      path: /^\/containers\/json$/,
      query: query({ all: flag.optional(), filters: filters(scope, { id: texts, name: texts, volume: texts }) }),
      body: 'none',
    },
    {
      name: 'create a container',
      method: 'POST',
      path: /^\/containers\/create$/,
      query: query({ name: ownContainerName(scope) }),
      body: containerBody(scope),
      owned: ({ body }) => {
        const { HostConfig } = body as ContainerBody
        const volumes = HostConfig.Mounts.map((mount) => ['volume', mount.Source] as const)
        return [['network', HostConfig.NetworkMode], ...volumes]
      },
    },
    one('inspect a container', 'GET', '/json', nothing),
    one('start a container', 'POST', '/start', nothing),
    one('stop a container', 'POST', '/stop', query({ t: whole })),
    one('remove a container', 'DELETE', '', query({ force: flag.optional() })),
    one('read logs', 'GET', '/logs', query(logs)),
    one('read stats', 'GET', '/stats', query({ stream: flag.optional() })),
    // Nothing but volumes can be written to: the rest of a container is read-only.
    one('write files', 'PUT', '/archive', query({ path: z.string().regex(/^\/(conf|data\/[a-z-]{1,40})$/) }), 'tar'),
  ]
}

function networkRules(scope: Scope): Rule[] {
  const list = query({ filters: filters(scope, { name: texts }) })
  const kinds = [
    ['network', 'networks', networkBody(scope)],
    ['volume', 'volumes', volumeBody(scope)],
  ] as const
  return kinds.flatMap(([kind, folder, body]): Rule[] => {
    // Names of ours cannot be taken for `create` or `prune`: they begin with the project.
    const path = new RegExp(`^/${folder}/(${scope.project}_${ownRest})$`)
    return [
      { name: `list ${folder}`, method: 'GET', path: new RegExp(`^/${folder}$`), query: list, body: 'none' },
      { name: `create a ${kind}`, method: 'POST', path: new RegExp(`^/${folder}/create$`), query: nothing, body },
      {
        name: `remove a ${kind}`,
        method: 'DELETE',
        path,
        query: nothing,
        body: 'none',
        owned: ({ subject }) => [[kind, subject]],
      },
    ]
  })
}

const named = '([A-Za-z0-9_.:@/-]+)'
const make = { method: 'POST', path: /^\/images\/create$/ } as const

function imageRules(scope: Scope): Rule[] {
  const pull = query({ fromImage: z.string(), tag: z.union([imageTag, digest]) }).refine(
    ({ fromImage = '', tag = '' }) => scope.images.includes(`${fromImage}${tag.includes(':') ? '@' : ':'}${tag}`),
    { error: 'only images named in the settings may be pulled' },
  )
  const labelled = json(z.strictObject({ label: z.tuple([z.literal(imageLabel)]) }))
  return [
    { name: 'list images', method: 'GET', path: /^\/images\/json$/, query: query({ filters: labelled }), body: 'none' },
    {
      name: 'inspect an image',
      method: 'GET',
      path: new RegExp(`^/images/${named}/json$`),
      query: nothing,
      body: 'none',
      image: true,
    },
    { name: 'pull an image', ...make, query: pull, body: 'none' },
  ]
}

/** What makes images, and what takes them away. */
function buildRules(scope: Scope): Rule[] {
  const load = query({ fromSrc: z.literal('-'), repo: ownRepository, tag: imageTag })
  const build = query({
    t: ownImage,
    dockerfile: z.literal('Dockerfile').optional(),
    buildargs: json(z.strictObject({ BASE: imageName(scope).optional() })).optional(),
    labels: json(
      z.record(z.string().regex(/^(org\.opencontainers\.image|io\.aviary)\.[a-z.]+$/), z.string()),
    ).optional(),
    rm: flag.optional(),
    forcerm: flag.optional(),
    nocache: flag.optional(),
    // The builder without sessions: a session would be a second way to the engine.
    version: z.literal('1').optional(),
  })
  return [
    {
      // Never by force, so that the engine refuses what a container uses. By name and label: what is built upon an image inherits its label.
      name: 'remove an image',
      method: 'DELETE',
      path: new RegExp(`^/images/(${own}:${tag})$`),
      query: nothing,
      body: 'none',
      owned: ({ subject }) => [['image', subject]],
    },
    {
      name: 'tag an image',
      method: 'POST',
      path: new RegExp(`^/images/${named}/tag$`),
      query: query({ repo: ownRepository, tag: imageTag }),
      body: 'none',
      image: true,
    },
    { name: 'import an image', ...make, query: load, body: 'tar' },
    { name: 'build an image', method: 'POST', path: /^\/build$/, query: build, body: 'tar' },
  ]
}

export function rulesOf(scope: Scope): Rule[] {
  const engine = { method: 'GET', query: nothing, body: 'none' } as const
  const events = query({ filters: filters(scope, { type: texts, event: texts }), since: moment.optional() })
  return [
    { name: 'ping', path: /^\/_ping$/, ...engine },
    { name: 'version', path: /^\/version$/, ...engine },
    { name: 'follow events', method: 'GET', path: /^\/events$/, query: events, body: 'none' },
    ...containerRules(scope),
    ...networkRules(scope),
    // Before the others: of an import and a pull, which share a path, the pull carries nothing.
    ...(scope.builds ? buildRules(scope) : []),
    ...imageRules(scope),
    ...swarmRules(scope),
  ]
}
