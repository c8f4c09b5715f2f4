/** For tests: good requests to a swarm, and what is there of ours and of others. */
import type { Sample } from './samples.ts'

const project = 'birds'
const label = { 'com.docker.compose.project': project }
export const swarmIds = {
  image: `sha256:${'d'.repeat(64)}`,
  foreignImage: `sha256:${'e'.repeat(64)}`,
  node: 'n'.repeat(24).concat('1'),
  service: 's'.repeat(24).concat('1'),
  secret: 'c'.repeat(24).concat('1'),
  foreignService: 's'.repeat(24).concat('2'),
  foreignSecret: 'c'.repeat(24).concat('2'),
}

const thing = (id: string, labels: Record<string, string>) => ({ name: id, labels, more: { ID: id } })

export const swarmThings = {
  services: [thing(swarmIds.service, label), thing(swarmIds.foreignService, {})],
  secrets: [thing(swarmIds.secret, label), thing(swarmIds.foreignSecret, { 'com.docker.compose.project': 'other' })],
}

export const goodService = {
  Name: 'birds_connect',
  Labels: { ...label, 'com.docker.compose.service': 'connect' },
  TaskTemplate: {
    ContainerSpec: {
      Image: swarmIds.image,
      Labels: { ...label, 'com.docker.compose.service': 'connect' },
      Command: ['sh', '-c', '. /run/secrets/conf && exec "$@"', 'conf'],
      Args: ['java', '-version'],
      Hostname: 'connect-{{.Task.Slot}}',
      Env: ['HOME=/tmp'],
      StopSignal: 'SIGTERM',
      StopGracePeriod: 10_000_000_000,
      ReadOnly: true,
      CapabilityDrop: ['ALL'],
      Privileges: { NoNewPrivileges: true },
      Mounts: [
        { Type: 'tmpfs', Target: '/run/conf', TmpfsOptions: { SizeBytes: 1 << 24, Mode: 0o1777 } },
        { Type: 'volume', Target: '/tmp' },
        { Type: 'volume', Source: 'birds_kafka', Target: '/data/kafka', VolumeOptions: { Labels: label } },
        {
          Type: 'volume',
          Source: 'birds_kafka-{{.Task.Slot}}',
          Target: '/data/connect',
          VolumeOptions: { Labels: label },
        },
      ],
      Secrets: [
        {
          File: { Name: 'conf', UID: '1000', GID: '1000', Mode: 0o400 },
          SecretID: swarmIds.secret,
          SecretName: 'birds_connect-conf-0123456789abcdef',
        },
      ],
      Healthcheck: { Test: ['CMD', 'bash', '-c', 'true'], Interval: 5e9, Timeout: 5e9, StartPeriod: 1e9, Retries: 9 },
    },
    Resources: { Limits: { MemoryBytes: 1 << 29, Pids: 2_000 } },
    RestartPolicy: { Condition: 'any', Delay: 1e9 },
    Placement: { Constraints: [`node.id==${swarmIds.node}`] },
    Networks: [{ Target: 'birds_default', Aliases: ['connect'] }],
    LogDriver: { Name: 'json-file', Options: { 'max-size': '10m', 'max-file': '4' } },
    ForceUpdate: 0,
  },
  Mode: { Replicated: { Replicas: 2 } },
  UpdateConfig: { Parallelism: 1, Order: 'stop-first', FailureAction: 'pause', Monitor: 2e9 },
  EndpointSpec: { Mode: 'dnsrr' },
}

const none = {}
const filters = { label: ['com.docker.compose.project=birds'] }

export const swarmSamples: readonly Sample[] = [
  { method: 'GET', path: '/info', query: none },
  { method: 'GET', path: '/services', query: { filters } },
  { method: 'GET', path: '/tasks', query: { filters } },
  { method: 'GET', path: '/secrets', query: { filters } },
  { method: 'POST', path: '/services/create', query: none, body: goodService },
  { method: 'POST', path: `/services/${swarmIds.service}/update`, query: { version: 12 }, body: goodService },
  { method: 'DELETE', path: `/services/${swarmIds.service}`, query: none },
  { method: 'POST', path: '/secrets/create', query: none, body: { Name: 'birds_x', Labels: label, Data: 'YQ==' } },
  { method: 'DELETE', path: `/secrets/${swarmIds.secret}`, query: none },
  {
    method: 'POST',
    path: '/networks/create',
    query: none,
    body: { Name: 'birds_swarm', Driver: 'overlay', Attachable: true, CheckDuplicate: true, Labels: label },
  },
]

type Service = typeof goodService
const service = (body: unknown): Sample => ({ method: 'POST', path: '/services/create', query: none, body })
const task = (more: object) => service({ ...goodService, TaskTemplate: { ...goodService.TaskTemplate, ...more } })
const container = (more: object) => task({ ContainerSpec: { ...goodService.TaskTemplate.ContainerSpec, ...more } })
const mount = (more: object) =>
  container({ Mounts: [{ ...goodService.TaskTemplate.ContainerSpec.Mounts[2], ...more }] })
const secret = (more: object) =>
  container({ Secrets: [{ ...(goodService.TaskTemplate.ContainerSpec.Secrets[0] as object), ...more }] })
const without = (key: keyof Service) =>
  service(Object.fromEntries(Object.entries(goodService).filter(([k]) => k !== key)))
const get = (path: string, query: Sample['query'] = none): Sample => ({ method: 'GET', path, query })

const [body, ownership] = ['create a service: body', 'create a service: ownership']

export const swarmRefused: [what: string, request: Sample, rule: string][] = [
  ['a service with a bind mount', mount({ Type: 'bind', Source: '/' }), body],
  ['a service with a volume of a driver', mount({ VolumeOptions: { Labels: {}, DriverConfig: {} } }), body],
  ['a service with any template in a name', mount({ Source: 'birds_{{env "PATH"}}' }), body],
  ['a service with a foreign volume', mount({ Source: 'birds_foreign' }), ownership],
  [
    'a service whose replicas would take a foreign volume',
    mount({ Source: 'birds_foreign-{{.Task.Slot}}' }),
    ownership,
  ],
  ['a service with a mount over the system', mount({ Target: '/etc' }), body],
  ['a service with a capability', container({ CapabilityAdd: ['CAP_SYS_ADMIN'] }), body],
  ['a service with capabilities kept', container({ CapabilityDrop: [] }), body],
  ['a service with another context', container({ Privileges: { SELinuxContext: { Disable: true } } }), body],
  ['a service with kernel settings', container({ Sysctls: { a: '1' } }), body],
  ['a service that writes everywhere', container({ ReadOnly: false }), body],
  ['a service as root', container({ User: '0' }), body],
  ['a service of an image by its name', container({ Image: 'aviary/kafka:1' }), body],
  ['a service of an image of others', container({ Image: swarmIds.foreignImage }), ownership],
  ['a service with a foreign secret', secret({ SecretID: swarmIds.foreignSecret }), ownership],
  [
    'a service with a secret over the system',
    secret({ File: { Name: '/etc/passwd', UID: '0', GID: '0', Mode: 0o777 } }),
    body,
  ],
  ['a service of a plugin', task({ Runtime: 'plugin', PluginSpec: {} }), body],
  ['a service on the network of the host', task({ Networks: [{ Target: 'host', Aliases: [] }] }), body],
  ['a service on a foreign network', task({ Networks: [{ Target: 'birds_foreign', Aliases: [] }] }), ownership],
  ['a service with ports for everybody', service({ ...goodService, EndpointSpec: { Mode: 'dnsrr', Ports: [] } }), body],
  ['a service on every node', service({ ...goodService, Mode: { Global: {} } }), body],
  ['a service anywhere', without('TaskTemplate'), body],
  ['a service without our label', service({ ...goodService, Labels: {} }), body],
  ['a service whose containers have no label of ours', container({ Labels: {} }), body],
  [
    'a change of a foreign service',
    { method: 'POST', path: `/services/${swarmIds.foreignService}/update`, query: { version: 1 }, body: goodService },
    'update a service: ownership',
  ],
  [
    'a return to an earlier service',
    {
      method: 'POST',
      path: `/services/${swarmIds.service}/update`,
      query: { version: 1, rollback: 'previous' },
      body: goodService,
    },
    'update a service: query',
  ],
  [
    'the end of a foreign service',
    { method: 'DELETE', path: `/services/${swarmIds.foreignService}`, query: none },
    'remove a service: ownership',
  ],
  [
    'the end of a foreign secret',
    { method: 'DELETE', path: `/secrets/${swarmIds.foreignSecret}`, query: none },
    'remove a secret: ownership',
  ],
  ['all services', get('/services'), 'list services: query'],
  ['all tasks', get('/tasks', { filters: { label: ['x'] } }), 'list tasks: query'],
  ['the swarm with its join tokens', get('/swarm'), 'method and path'],
  ['leaving the swarm', { method: 'POST', path: '/swarm/leave', query: { force: true } }, 'method and path'],
  ['making a swarm', { method: 'POST', path: '/swarm/init', query: none, body: {} }, 'method and path'],
  ['the nodes', get('/nodes'), 'method and path'],
  [
    'a network of the swarm that is no overlay',
    {
      method: 'POST',
      path: '/networks/create',
      query: none,
      body: { Name: 'birds_x', Driver: 'macvlan', Attachable: true, CheckDuplicate: true, Labels: label },
    },
    'create a network: body',
  ],
]
