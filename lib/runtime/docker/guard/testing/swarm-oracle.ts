/** For tests: of a service or a secret that has reached the engine, why it should not have. Apart from the rules, as `oracle.ts`. */
import type { World } from './oracle.ts'

export const swarmVerbs = [
  'GET /info',
  'GET /services filters',
  'GET /tasks filters',
  'GET /secrets filters',
  'POST /services/create',
  'POST /services/{service}/update version',
  'DELETE /services/{service}',
  'POST /secrets/create',
  'DELETE /secrets/{secret}',
]

/** Every path to a value that a service may have; `[]` is any of a list. */
const places = new Set(
  `Name Mode.Replicated.Replicas EndpointSpec.Mode UpdateConfig.Parallelism UpdateConfig.Order UpdateConfig.FailureAction
  UpdateConfig.Monitor TaskTemplate.ForceUpdate TaskTemplate.Placement.Constraints[] TaskTemplate.RestartPolicy.Condition
  TaskTemplate.RestartPolicy.Delay TaskTemplate.Resources.Limits.MemoryBytes TaskTemplate.Resources.Limits.Pids
  TaskTemplate.Networks[].Target TaskTemplate.Networks[].Aliases[] TaskTemplate.LogDriver.Name
  TaskTemplate.LogDriver.Options.max-size TaskTemplate.LogDriver.Options.max-file`
    .split(/\s+/)
    .concat(
      `Image Command[] Args[] Hostname Env[] StopSignal StopGracePeriod ReadOnly CapabilityDrop[] Privileges.NoNewPrivileges
      Mounts[].Type Mounts[].Source Mounts[].Target Mounts[].TmpfsOptions.SizeBytes Mounts[].TmpfsOptions.Mode
      Secrets[].SecretID Secrets[].SecretName Secrets[].File.Name Secrets[].File.UID Secrets[].File.GID Secrets[].File.Mode
      Healthcheck.Test[] Healthcheck.Interval Healthcheck.Timeout Healthcheck.StartPeriod Healthcheck.Retries`
        .split(/\s+/)
        .map((place) => `TaskTemplate.ContainerSpec.${place}`),
    ),
)

type Leaf = readonly [place: string, value: unknown]

function leaves(value: unknown, at = ''): Leaf[] {
  if (Array.isArray(value)) return value.flatMap((item) => leaves(item, `${at}[]`))
  if (value === null || typeof value !== 'object') return [[at, value]]
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, at === '' ? key : `${at}.${key}`))
}

const ours = (all: readonly Leaf[], under: string, project: string) =>
  all.some(([place, value]) => place === `${under}Labels.com.docker.compose.project` && value === project)

export function serviceFault(text: string, world: World): string | null {
  const all = leaves(JSON.parse(text))
  const strange = all.find(
    ([place]) => !places.has(place) && !/(^|\.)Labels\.(com\.docker\.compose|io\.aviary)\./.test(place),
  )
  if (strange !== undefined) return `the value ${strange[0]}`
  const container = 'TaskTemplate.ContainerSpec.'
  if (!ours(all, '', world.project) || !ours(all, container, world.project)) return 'not labelled as ours'
  const every = (place: string, holds: (value: string) => boolean) =>
    all.filter(([at]) => at === place).every(([, value]) => holds(String(value)))
  const has = (place: string, value: unknown) => all.some(([at, found]) => at === container + place && found === value)
  if (!every(`${container}Image`, (id) => id === world.imageId)) return 'not our image'
  if (!every(`${container}Mounts[].Type`, (type) => type === 'volume' || type === 'tmpfs'))
    return 'a mount of the machine'
  if (!every(`${container}Mounts[].Target`, (path) => /^\/(data\/[^/.]+|run\/conf|tmp)$/.test(path)))
    return 'a mount over other folders'
  if (!every(`${container}Mounts[].Source`, (name) => world.names.includes(name.replace('{{.Task.Slot}}', '1'))))
    return 'not our volume'
  if (!every('TaskTemplate.Networks[].Target', (name) => world.names.includes(name))) return 'not our network'
  if (!every(`${container}Secrets[].SecretID`, (id) => id === world.secret)) return 'not our secret'
  if (!every(`${container}Secrets[].File.Name`, (name) => name === 'conf')) return 'a secret elsewhere'
  if (!has('ReadOnly', true)) return 'a root file system that can be written'
  if (!has('CapabilityDrop[]', 'ALL')) return 'capabilities'
  if (!has('Privileges.NoNewPrivileges', true)) return 'new privileges'
  return null
}

export function secretFault(text: string, world: World): string | null {
  const body = JSON.parse(text) as Record<string, unknown>
  if (Object.keys(body).some((key) => !['Name', 'Labels', 'Data'].includes(key))) return 'a key of a secret'
  if (!String(body.Name).startsWith(`${world.project}_`)) return 'a name that is not ours'
  return ours(leaves(body), '', world.project) ? null : 'not labelled as ours'
}
