/** For tests: what tempts most, each with the rule that refuses it. */
import { goodContainer, ids, type Sample } from './samples.ts'

const withHost = (more: object) => ({ ...goodContainer, HostConfig: { ...goodContainer.HostConfig, ...more } })
const create = (body: unknown): Sample => ({
  method: 'POST',
  path: '/containers/create',
  query: { name: 'birds-x-1' },
  body,
})
const mount = (more: object) =>
  withHost({ Mounts: [{ Type: 'volume', Source: 'birds_kafka', Target: '/data/kafka', ...more }] })
const get = (path: string, query: Sample['query'] = {}): Sample => ({ method: 'GET', path, query })
const post = (path: string, query: Sample['query'] = {}, body?: unknown): Sample => ({
  method: 'POST',
  path,
  query,
  body,
})
const container = 'create a container: body'

export const refused: readonly [what: string, request: Sample, rule: string][] = [
  ['Privileged', create(withHost({ Privileged: true })), container],
  ['Privileged in lower case', create(withHost({ privileged: true })), container],
  ['a second HostConfig in lower case', create({ ...goodContainer, hostconfig: { Privileged: true } }), container],
  ['binds', create(withHost({ Binds: ['/:/host'] })), container],
  ['a bind mount', create(mount({ Type: 'bind', Source: '/' })), container],
  ['a mount with options', create(mount({ VolumeOptions: { DriverConfig: {} } })), container],
  ['a mount over the system', create(mount({ Target: '/etc' })), container],
  ['the network of the host', create(withHost({ NetworkMode: 'host' })), container],
  ['the network of a container', create(withHost({ NetworkMode: `container:${ids.foreign}` })), container],
  ['the processes of the host', create(withHost({ PidMode: 'host' })), container],
  ['the shared memory of the host', create(withHost({ IpcMode: 'host' })), container],
  ['the users of the host', create(withHost({ UsernsMode: 'host' })), container],
  ['the name of the host', create(withHost({ UTSMode: 'host' })), container],
  ['the control groups of the host', create(withHost({ CgroupnsMode: 'host' })), container],
  ['devices', create(withHost({ Devices: [{ PathOnHost: '/dev/sda' }] })), container],
  ['device rules', create(withHost({ DeviceCgroupRules: ['a *:* rwm'] })), container],
  ['device requests', create(withHost({ DeviceRequests: [] })), container],
  ['a capability', create(withHost({ CapAdd: ['SYS_ADMIN'] })), container],
  ['capabilities kept', create(withHost({ CapDrop: [] })), container],
  ['no seccomp', create(withHost({ SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'] })), container],
  ['another runtime', create(withHost({ Runtime: 'runc2' })), container],
  ['kernel settings', create(withHost({ Sysctls: { 'net.ipv4.ip_forward': '1' } })), container],
  ['a port for everybody', create(withHost({ PortBindings: { '1/tcp': [{ HostIp: '', HostPort: '1' }] } })), container],
  ['no label of ours', create({ ...goodContainer, Labels: {} }), container],
  ['an image of others', create({ ...goodContainer, Image: 'alpine:3' }), container],
  [
    'a foreign network',
    create({ ...withHost({ NetworkMode: 'birds_foreign' }), NetworkingConfig: { EndpointsConfig: {} } }),
    'create a container: ownership',
  ],
  [
    'a network of another driver',
    create({ ...withHost({ NetworkMode: 'birds_far' }), NetworkingConfig: { EndpointsConfig: {} } }),
    'create a container: ownership',
  ],
  ['a foreign volume', create(mount({ Source: 'birds_foreign' })), 'create a container: ownership'],
  ['a volume that is a bind', create(mount({ Source: 'birds_bind' })), 'create a container: ownership'],
  [
    'a volume with options',
    post(
      '/volumes/create',
      {},
      { Name: 'birds_x', Driver: 'local', DriverOpts: { o: 'bind' }, Labels: goodContainer.Labels },
    ),
    'create a volume: body',
  ],
  ['a foreign container', get(`/containers/${ids.foreign}/json`), 'inspect a container: ownership'],
  ['the container of the gate', get(`/containers/${ids.gate}/json`), 'inspect a container: ownership'],
  [
    'removing the container of the gate',
    { method: 'DELETE', path: `/containers/${ids.gate}`, query: {} },
    'remove a container: ownership',
  ],
  ['a volume of the console', create(mount({ Source: 'birds_console' })), container],
  [
    'a container that passes for the gate',
    create({ ...goodContainer, Labels: { ...goodContainer.Labels, 'com.docker.compose.service': 'gate' } }),
    container,
  ],
  [
    'removing a volume of the console',
    { method: 'DELETE', path: '/volumes/birds_console', query: {} },
    'method and path',
  ],
  ['a container by name', get('/containers/birds-kafka-1/json'), 'method and path'],
  ['exec', post(`/containers/${ids.own}/exec`, {}, { Cmd: ['sh'] }), 'method and path'],
  [
    'another folder',
    { method: 'PUT', path: `/containers/${ids.own}/archive`, query: { path: '/' }, archive: true },
    'write files: query',
  ],
  [
    'a folder beside the data',
    { method: 'PUT', path: `/containers/${ids.own}/archive`, query: { path: '/data/../etc' }, archive: true },
    'write files: query',
  ],
  ['all containers', get('/containers/json', { all: true }), 'list containers: query'],
  [
    'the containers of others',
    get('/containers/json', { filters: { label: ['com.docker.compose.project=other'] } }),
    'list containers: query',
  ],
  [
    'removing volumes unseen',
    { method: 'DELETE', path: `/containers/${ids.own}`, query: { v: true } },
    'remove a container: query',
  ],
  ['a way around in the path', get('/containers/../images/json'), 'path'],
  ['an encoded path', get(`/containers/${ids.own}%2fexport`), 'path'],
  ['a version before the path', get('/v1.41/containers/json'), 'method and path'],
  [
    'a build from an address',
    { method: 'POST', path: '/build', query: { t: 'aviary/x:1', remote: 'http://x' }, archive: true },
    'build an image: query',
  ],
  [
    'a build with a network',
    { method: 'POST', path: '/build', query: { t: 'aviary/x:1', networkmode: 'host' }, archive: true },
    'build an image: query',
  ],
  [
    'an import from an address',
    {
      method: 'POST',
      path: '/images/create',
      query: { fromSrc: 'http://x', repo: 'aviary/x', tag: '1' },
      archive: true,
    },
    'import an image: query',
  ],
  ['a pull of anything', post('/images/create', { fromImage: 'alpine', tag: '3' }), 'pull an image: query'],
  ['an image of others by name', get('/images/alpine:3/json'), 'inspect an image: image'],
]
