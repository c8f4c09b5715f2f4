/** For tests: one good request of each kind, and objects of ours and of others. */
import type { Things } from '../../testing/fake-engine.ts'
import { swarmIds, swarmSamples, swarmThings } from './swarm-samples.ts'

export interface Sample {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly archive?: true
}

export const project = 'birds'
const label = { 'com.docker.compose.project': project }
export const ids = {
  own: 'a'.repeat(63).concat('1'),
  foreign: 'b'.repeat(63).concat('2'),
  /** The gate's container, which has the project's label too. */
  gate: 'c'.repeat(63).concat('3'),
}

const container = (name: string, labels: Record<string, string>) => ({
  name,
  labels,
  more: { Id: name, Labels: labels },
})
const network = (name: string, labels: Record<string, string>, Driver = 'bridge') => ({
  name,
  labels,
  more: { Name: name, Driver },
})
const volume = (name: string, labels: Record<string, string>, Options: object | null = null) => ({
  name,
  labels,
  more: { Name: name, Driver: 'local', Options },
})

const image = 'aviary/kafka:4.3.1-abc'

export const things: Things = {
  ...swarmThings,
  containers: [
    container(ids.own, label),
    container(ids.foreign, { 'com.docker.compose.project': 'other' }),
    container(ids.gate, { ...label, 'com.docker.compose.service': 'gate' }),
  ],
  networks: [network('birds_default', label), network('birds_foreign', {}), network('birds_far', label, 'macvlan')],
  images: [
    { name: image, labels: { 'io.aviary.image': 'kafka' }, more: { Id: swarmIds.image, RepoTags: [image] } },
    {
      name: 'apache/kafka:4.3.1',
      labels: { 'io.aviary.image': 'kafka' },
      more: { Id: swarmIds.foreignImage, RepoTags: ['apache/kafka:4.3.1'] },
    },
    { name: 'aviary/foreign:1', labels: {}, more: { RepoTags: ['aviary/foreign:1'] } },
  ],
  volumes: [
    ...['birds_kafka', 'birds_kafka-1', 'birds_kafka-2', 'birds_console'].map((name) => volume(name, label)),
    volume('birds_foreign', { 'com.docker.compose.project': 'other' }),
    volume('birds_bind', label, { type: 'none', o: 'bind', device: '/' }),
  ],
}

const filters = { label: ['com.docker.compose.project=birds'] }

export const goodContainer = {
  Image: image,
  Hostname: 'kafka',
  Labels: { ...label, 'com.docker.compose.service': 'kafka' },
  Entrypoint: [],
  Cmd: ['java', '-version'],
  Env: ['LANG=C.UTF-8'],
  WorkingDir: '/conf',
  StopSignal: 'SIGTERM',
  ExposedPorts: { '9092/tcp': {} },
  HostConfig: {
    NetworkMode: 'birds_default',
    Mounts: [{ Type: 'volume', Source: 'birds_kafka', Target: '/data/kafka' }],
    Memory: 1 << 29,
    MemorySwap: 1 << 29,
    PidsLimit: 2_000,
    PortBindings: { '9092/tcp': [{ HostIp: '127.0.0.1', HostPort: '9092' }] },
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    Tmpfs: { '/tmp': 'rw,exec,nosuid,nodev,size=64m,mode=1777' },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '4' } },
  },
  NetworkingConfig: { EndpointsConfig: { birds_default: { Aliases: ['kafka'] } } },
}

const own = `/containers/${ids.own}`
const none = {}

/** Whether it makes, names or removes an image. */
export const makesImage = ({ method, path, archive }: Sample): boolean =>
  path === '/build' ||
  (path.startsWith('/images/') && (archive === true || method === 'DELETE' || path.endsWith('/tag')))

export const samples: readonly Sample[] = [
  ...swarmSamples,
  { method: 'GET', path: '/_ping', query: none },
  { method: 'GET', path: '/version', query: none },
  { method: 'GET', path: '/events', query: { filters: { ...filters, type: ['container'], event: ['die'] } } },
  { method: 'GET', path: '/containers/json', query: { all: true, filters } },
  { method: 'POST', path: '/containers/create', query: { name: 'birds-kafka-1' }, body: goodContainer },
  { method: 'GET', path: `${own}/json`, query: none },
  { method: 'POST', path: `${own}/start`, query: none },
  { method: 'POST', path: `${own}/stop`, query: { t: 10 } },
  { method: 'DELETE', path: own, query: { force: true } },
  { method: 'GET', path: `${own}/logs`, query: { stdout: true, stderr: true, tail: 10, follow: true, since: '12.5' } },
  { method: 'GET', path: `${own}/stats`, query: { stream: true } },
  { method: 'PUT', path: `${own}/archive`, query: { path: '/conf' }, archive: true },
  { method: 'GET', path: '/networks', query: { filters } },
  {
    method: 'POST',
    path: '/networks/create',
    query: none,
    body: { Name: 'birds_default', Driver: 'bridge', CheckDuplicate: true, Labels: label },
  },
  { method: 'DELETE', path: '/networks/birds_default', query: none },
  { method: 'GET', path: '/volumes', query: { filters } },
  { method: 'POST', path: '/volumes/create', query: none, body: { Name: 'birds_new', Driver: 'local', Labels: label } },
  { method: 'DELETE', path: '/volumes/birds_kafka', query: none },
  { method: 'GET', path: '/images/json', query: { filters: { label: ['io.aviary.image'] } } },
  { method: 'GET', path: `/images/${image}/json`, query: none },
  { method: 'DELETE', path: `/images/${image}`, query: none },
  { method: 'POST', path: `/images/${image}/tag`, query: { repo: 'aviary/kafka', tag: 'latest' } },
  { method: 'POST', path: '/images/create', query: { fromImage: 'apache/kafka', tag: '4.3.1' } },
  { method: 'POST', path: '/images/create', query: { fromSrc: '-', repo: 'aviary/debian', tag: 'x' }, archive: true },
  {
    method: 'POST',
    path: '/build',
    query: {
      t: image,
      dockerfile: 'Dockerfile',
      buildargs: { BASE: 'aviary/jre:17-a' },
      labels: { 'io.aviary.key': 'k' },
      rm: 1,
    },
    archive: true,
  },
]
