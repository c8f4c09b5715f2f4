/**
 * What of a swarm may be asked for: services and secrets with our names and labels, on the network of the project. As strict as for
 * containers; beyond that no ports can be published, since Swarm opens them to everybody, and nothing of the swarm itself can be read
 * or changed, its join tokens least of all.
 */
import { z } from 'zod'
import { filters, nothing, query, texts } from './queries.ts'
import type { Admission, OwnedKind, Rule } from './rules.ts'
import { digest, ownLabels, ownName, type Scope } from './scope.ts'

const words = z.array(z.string())
const whole = z.int().min(0)
const nanoseconds = whole
const objectId = '[a-z0-9]{25}'

/** Replicas have volumes and names of their own: the engine fills in the number of each. No other template is taken. */
export const slot = '-{{.Task.Slot}}'
/** Names with those of so many replicas in place of those with a slot. */
export function ofReplicas(names: readonly string[], replicas: number): string[] {
  const slots = Array.from({ length: replicas }, (_, index) => index + 1)
  return names.flatMap((name) =>
    name.endsWith(slot) ? slots.map((number) => name.replace(slot, `-${number}`)) : [name],
  )
}
const withoutSlot = (name: string) => (name.endsWith(slot) ? name.slice(0, -slot.length) : name)
const ownVolume = (scope: Scope) => z.string().refine((name) => ownName(scope).safeParse(withoutSlot(name)).success)
const hostname = z.string().refine((name) => /^[a-z][a-z0-9-]*$/.test(withoutSlot(name)))

const mount = (scope: Scope) =>
  z.union([
    z.strictObject({
      Type: z.literal('volume'),
      Source: ownVolume(scope),
      Target: z.string().regex(/^\/data\/[a-z][a-z0-9-]*$/),
      // Without a driver, whose options can name folders of the machine.
      VolumeOptions: z.strictObject({ Labels: ownLabels(scope) }),
    }),
    // Gone with its container.
    z.strictObject({ Type: z.literal('volume'), Target: z.literal('/tmp') }),
    z.strictObject({
      Type: z.literal('tmpfs'),
      Target: z.literal('/run/conf'),
      TmpfsOptions: z.strictObject({ SizeBytes: whole, Mode: z.literal(0o1777) }),
    }),
  ])

const secretReference = (scope: Scope) =>
  z.strictObject({
    File: z.strictObject({
      Name: z.literal('conf'),
      UID: z.literal('1000'),
      GID: z.literal('1000'),
      Mode: z.literal(0o400),
    }),
    SecretID: z.string().regex(new RegExp(`^${objectId}$`)),
    SecretName: ownName(scope),
  })

const healthcheck = z.strictObject({
  Test: z.tuple([z.literal('CMD'), z.literal('bash'), z.literal('-c'), z.string()]),
  Interval: nanoseconds,
  Timeout: nanoseconds,
  StartPeriod: nanoseconds,
  Retries: whole,
})

const containerSpec = (scope: Scope) =>
  z.strictObject({
    // By its id: for a name each node would ask a registry first, and somebody else's could take the place of ours.
    Image: digest,
    Labels: ownLabels(scope),
    Command: words.min(1),
    Args: words,
    Hostname: hostname,
    Env: words,
    StopSignal: z.literal('SIGTERM'),
    StopGracePeriod: nanoseconds,
    ReadOnly: z.literal(true),
    CapabilityDrop: z.tuple([z.literal('ALL')]),
    // Known to engines from API 1.44 on; earlier ones pass over it.
    Privileges: z.strictObject({ NoNewPrivileges: z.literal(true) }),
    Mounts: z.array(mount(scope)),
    Secrets: z.array(secretReference(scope)).length(1),
    Healthcheck: healthcheck.optional(),
  })

export const serviceBody = (scope: Scope) =>
  z.strictObject({
    Name: ownName(scope),
    Labels: ownLabels(scope),
    TaskTemplate: z.strictObject({
      ContainerSpec: containerSpec(scope),
      Resources: z.strictObject({
        Limits: z.strictObject({ MemoryBytes: z.int().min(1 << 20), Pids: z.int().min(1).max(10_000) }),
      }),
      RestartPolicy: z.strictObject({ Condition: z.literal('any'), Delay: nanoseconds }),
      Placement: z.strictObject({ Constraints: z.tuple([z.string().regex(new RegExp(`^node\\.id==${objectId}$`))]) }),
      Networks: z.tuple([
        z.strictObject({ Target: ownName(scope), Aliases: z.array(z.string().regex(/^[a-z][a-z0-9-]*$/)) }),
      ]),
      LogDriver: z.strictObject({
        Name: z.literal('json-file'),
        Options: z.strictObject({ 'max-size': z.string().regex(/^\d+m$/), 'max-file': z.string().regex(/^\d$/) }),
      }),
      ForceUpdate: whole,
    }),
    Mode: z.strictObject({ Replicated: z.strictObject({ Replicas: whole.max(20) }) }),
    UpdateConfig: z.strictObject({
      Parallelism: z.literal(1),
      Order: z.literal('stop-first'),
      FailureAction: z.literal('pause'),
      Monitor: nanoseconds,
    }),
    // No Ports: and without them names stand for addresses of tasks, with nothing between.
    EndpointSpec: z.strictObject({ Mode: z.literal('dnsrr') }),
  })

export type ServiceBody = z.infer<ReturnType<typeof serviceBody>>

/** Swarm takes 500 KB, which base64 makes longer by a third. */
const secretBody = (scope: Scope) =>
  z.strictObject({ Name: ownName(scope), Labels: ownLabels(scope), Data: z.base64().max(683_000) })

/** Network, secret and volumes; those of replicas by the names that the engine will make of them. */
const ownedBy = ({ body }: Admission): readonly (readonly [OwnedKind, string])[] => {
  const { TaskTemplate, Mode } = body as ServiceBody
  const { ContainerSpec, Networks } = TaskTemplate
  const named = ContainerSpec.Mounts.flatMap((each) => ('Source' in each ? [each.Source] : []))
  const volumes = ofReplicas(named, Mode.Replicated.Replicas)
  return [
    ...Networks.map(({ Target }) => ['network', Target] as const),
    ['image-id', ContainerSpec.Image] as const,
    ...ContainerSpec.Secrets.map(({ SecretID }) => ['secret', SecretID] as const),
    ...volumes.map((name) => ['volume', name] as const),
  ]
}

export function swarmRules(scope: Scope): Rule[] {
  const body = serviceBody(scope)
  const list = query({ filters: filters(scope, { id: texts, name: texts }) })
  const one = (folder: string, verb = '') => new RegExp(`^/${folder}/(${objectId})${verb}$`)
  const ofService = ({ subject }: Admission) => [['service', subject] as const]
  return [
    // Whether the engine is in a swarm, and which node it is.
    { name: 'engine', method: 'GET', path: /^\/info$/, query: nothing, body: 'none' },
    { name: 'list services', method: 'GET', path: /^\/services$/, query: list, body: 'none' },
    { name: 'list tasks', method: 'GET', path: /^\/tasks$/, query: list, body: 'none' },
    { name: 'list secrets', method: 'GET', path: /^\/secrets$/, query: list, body: 'none' },
    { name: 'create a service', method: 'POST', path: /^\/services\/create$/, query: nothing, body, owned: ownedBy },
    {
      name: 'update a service',
      method: 'POST',
      path: one('services', '/update'),
      query: query({ version: z.string().regex(/^\d{1,12}$/) }),
      body,
      owned: (admission) => [...ofService(admission), ...ownedBy(admission)],
    },
    {
      name: 'remove a service',
      method: 'DELETE',
      path: one('services'),
      query: nothing,
      body: 'none',
      owned: ofService,
    },
    { name: 'create a secret', method: 'POST', path: /^\/secrets\/create$/, query: nothing, body: secretBody(scope) },
    {
      name: 'remove a secret',
      method: 'DELETE',
      path: one('secrets'),
      query: nothing,
      body: 'none',
      owned: ({ subject }) => [['secret', subject]],
    },
  ]
}
