/**
 * For tests: says of a request that has reached the engine why it should not have. Written apart from the rules and in another way
 * (what may appear anywhere, key by key, instead of one shape for each request), so that both would have to err alike.
 */
import type { Arrival } from '../../testing/fake-engine.ts'
import { secretFault, serviceFault, swarmVerbs } from './swarm-oracle.ts'

export interface World {
  readonly label: string
  readonly project: string
  readonly containers: readonly string[]
  readonly names: readonly string[]
  readonly images: readonly string[]
  /** Of the swarm. */
  readonly service: string
  readonly secret: string
  readonly imageId: string
  /** Images that carry our label for images. */
  readonly labelled: readonly string[]
  /** Whether images may be made and removed. */
  readonly builds: boolean
}

const verbs = [
  ...swarmVerbs,
  'GET /_ping',
  'GET /version',
  'GET /events filters since',
  'GET /containers/json all filters',
  'POST /containers/create name',
  'GET /containers/{container}/json',
  'POST /containers/{container}/start',
  'POST /containers/{container}/stop t',
  'DELETE /containers/{container} force',
  'GET /containers/{container}/logs stdout stderr tail follow since',
  'GET /containers/{container}/stats stream',
  'PUT /containers/{container}/archive path',
  'GET /networks filters',
  'POST /networks/create',
  'DELETE /networks/{name}',
  'GET /volumes filters',
  'POST /volumes/create',
  'DELETE /volumes/{name}',
  'GET /images/json filters',
  'GET /images/{image}/json',
  'DELETE /images/{labelled}',
  'POST /images/{image}/tag repo tag',
  'POST /images/create fromImage fromSrc repo tag',
  'POST /build t dockerfile buildargs labels rm forcerm nocache version',
]

/** Keys with a meaning to the engine that may stand in a body, wherever they stand; free ones (labels, ports, networks) aside. */
const harmless = new Set(
  `Image Hostname Labels Entrypoint Cmd Env WorkingDir StopSignal ExposedPorts HostConfig NetworkingConfig NetworkMode Mounts Type Source
  Target Memory MemorySwap PidsLimit PortBindings HostIp HostPort ReadonlyRootfs CapDrop SecurityOpt Tmpfs LogConfig Config max-size
  max-file EndpointsConfig Aliases Name Driver CheckDuplicate User Attachable RestartPolicy`.split(/\s+/),
)
const free = new Set(['Labels', 'ExposedPorts', 'PortBindings', 'Tmpfs', 'EndpointsConfig'])

function keysOf(value: unknown, under = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysOf(item, under))
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]) => [...(free.has(under) ? [] : [key]), ...keysOf(inner, key)])
}

function valuesOf(value: unknown, key: string): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesOf(item, key))
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...valuesOf(inner, key)])
}

/** The pattern of `verbs` that a request fits, with what stands in its braces. */
function find(method: string, path: string): { keys: string[]; subject: string; kind: string } | null {
  for (const verb of verbs) {
    const [wanted = '', pattern = '', ...keys] = verb.split(' ')
    if (wanted !== method) continue
    const [before = '', kind = '', after = ''] = pattern.split(/[{}]/)
    if (kind === '' && path === pattern) return { keys, subject: '', kind }
    const subject = path.slice(before.length, path.length - after.length)
    if (kind !== '' && path.startsWith(before) && path.endsWith(after) && subject.length > 0) {
      if (kind === 'image' || kind === 'labelled' || !subject.includes('/')) return { keys, subject, kind }
    }
  }
  return null
}

function objectFault(kind: string, subject: string, world: World): string | null {
  if (kind === 'container' && !world.containers.includes(subject)) return 'not our container'
  if (kind === 'name' && !world.names.includes(subject)) return 'not our network or volume'
  if (kind === 'service' && subject !== world.service) return 'not our service'
  if (kind === 'secret' && subject !== world.secret) return 'not our secret'
  if (kind === 'labelled' && !world.labelled.includes(subject)) return 'not an image built by us'
  if (kind === 'image' && !subject.startsWith('aviary/') && !world.images.includes(subject)) return 'not our image'
  return null
}

function bodyFault(path: string, text: string, world: World): string | null {
  if (/^\/services\/(create|.*\/update)$/.test(path)) return serviceFault(text, world)
  if (path === '/secrets/create') return secretFault(text, world)
  if (!path.endsWith('/create') || path === '/images/create') return null
  const body = JSON.parse(text) as Record<string, unknown>
  const [project] = valuesOf(body.Labels, 'com.docker.compose.project').concat(
    (body.Labels as Record<string, unknown> | undefined)?.['com.docker.compose.project'],
  )
  if (project !== world.project) return 'not labelled as ours'
  const strange = keysOf(body).find((key) => !harmless.has(key))
  if (strange !== undefined) return `the key ${strange}`
  if (path === '/networks/create')
    return ['bridge', 'overlay'].includes(String(body.Driver)) ? null : 'another network driver'
  if (path === '/volumes/create') return body.Driver === 'local' ? null : 'another volume driver'
  return containerFault(body, world)
}

function containerFault(body: Record<string, unknown>, world: World): string | null {
  const all = (key: string, holds: (value: unknown) => boolean) => valuesOf(body, key).every(holds)
  const image = String(body.Image)
  if (!image.startsWith('aviary/') && !world.images.includes(image)) return 'not our image'
  if (!all('User', (user) => user === '1000:1000')) return 'another user'
  if (!all('Type', (type) => type === 'volume' || type === 'json-file')) return 'a mount that is no volume'
  if (!all('Source', (name) => world.names.includes(String(name)))) return 'not our volume'
  if (!all('Target', (path) => /^\/(data\/[^/.]+|conf)$/.test(String(path)))) return 'a mount over other folders'
  const networks = [
    ...valuesOf(body, 'NetworkMode'),
    ...valuesOf(body, 'EndpointsConfig').flatMap((e) => Object.keys(e as object)),
  ]
  if (networks.length === 0 || !networks.every((name) => world.names.includes(String(name)))) return 'not our network'
  if (!all('HostIp', (ip) => ip === '127.0.0.1')) return 'a port for everybody'
  const host = body.HostConfig as Record<string, unknown>
  if (host.ReadonlyRootfs !== true) return 'a root file system that can be written'
  if (JSON.stringify(host.CapDrop) !== '["ALL"]') return 'capabilities'
  if (JSON.stringify(host.SecurityOpt) !== '["no-new-privileges"]') return 'security options'
  for (const bindings of Object.values(host.PortBindings as Record<string, unknown>))
    if ((bindings as { HostIp?: string }[]).some(({ HostIp }) => HostIp !== '127.0.0.1')) return 'a port for everybody'
  return null
}

function queryFault(path: string, query: URLSearchParams, world: World): string | null {
  const filters = query.get('filters')
  if (['/containers/json', '/networks', '/volumes', '/events', '/services', '/tasks', '/secrets'].includes(path)) {
    const labels = filters === null ? [] : (JSON.parse(filters) as { label?: unknown }).label
    if (!Array.isArray(labels) || !labels.includes(world.label)) return 'a list beyond our label'
  }
  // The guard itself asks by name too.
  if (path === '/images/json' && !/"label":\["io\.aviary\.image"\]/.test(filters ?? ''))
    return 'images beyond our label'
  if (query.has('path') && query.get('path') !== '/conf') return 'another folder'
  const name = query.get('name') ?? (path === '/build' ? query.get('t') : null) ?? query.get('repo')
  if (name !== null && !name.startsWith(`${world.project}-`) && !name.startsWith('aviary/'))
    return 'a name that is not ours'
  if (query.has('fromSrc') && query.get('fromSrc') !== '-') return 'an import from elsewhere'
  if (query.has('fromImage') && !world.images.includes(`${query.get('fromImage')}:${query.get('tag')}`)) return 'a pull'
  const base = (JSON.parse(query.get('buildargs') ?? '{}') as { BASE?: string }).BASE
  if (base !== undefined && !base.startsWith('aviary/') && !world.images.includes(base)) return 'a foreign base'
  return null
}

/** Null for a request that may be made. */
export function faultOf({ method, url, body }: Arrival, world: World): string | null {
  const [path = '', search = ''] = url.split('?')
  if (/%|\.\.|\/\/|\\/.test(path)) return 'a path that can be read in two ways'
  const found = find(method, path)
  if (found === null) return 'not on the list'
  const query = new URLSearchParams(search)
  const strange = [...query.keys()].find((key) => !found.keys.includes(key) || query.getAll(key).length > 1)
  if (strange !== undefined) return `the query key ${strange}`
  const makes = path === '/build' || (path.startsWith('/images/') && method !== 'GET')
  if (makes && !world.builds && !query.has('fromImage')) return 'an image made or removed'
  return objectFault(found.kind, found.subject, world) ?? queryFault(path, query, world) ?? bodyFault(path, body, world)
}
