/**
 * The same services as a Compose file, which runs them without the console. One file is all of it: configuration is written by the
 * containers themselves, from here-documents, so that it also works with an engine on another machine and with Compose 1.29, which has
 * no `configs` with a content. It is kept in memory (/conf) and is gone with the container.
 */
import { stringify } from 'yaml'
import { type Config, loadConfig, portVariable } from '#lib/config.ts'
import { nothingExternal } from '#lib/external.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { secret, secretNames } from '#lib/secrets.ts'
import { portNames, type ServiceDefinition, type Site } from '../../definition.ts'
import { quoteAll } from '../../shell.ts'
import { graceMsOf } from '../archives.ts'
import { confScript } from '../conf-script.ts'
import { scopeOf } from '../guard/scope.ts'
import { healthCheck } from '../health-check.ts'
import { imageIdOf, imageRef } from '../images/index.ts'
import { confDir, dockerSite, innerPorts } from '../site.ts'
import { type ServiceSpec, specOf } from '../spec.ts'

/** Compose names projects itself; this one is in no text of the file. */
const scope = scopeOf('compose')

/** Stands for a port of the machine until the text is whole; then Compose's own variable takes its place. */
const standIn = (index: number): number => 61_000 + index
const standIns = /\b610\d\d\b/g
const variableOf = (text: string): string => {
  const name = portNames[Number(text) - standIn(0)]
  if (name === undefined) throw new Error(`${text} stands for no port`)
  return `\${${portVariable(name)}:-${innerPorts[name]}}`
}

const secretVariable = (name: string): string => `AVIARY_${name.toUpperCase().replaceAll('-', '_')}`
/** Stands for a secret in a configuration: the shell that writes it puts the real one there. */
const secretMark = /@@([a-z-]+)@@/g
const missingSecret = 'write docker/.env with `bin/aviary compose`, or by hand as docker/env.example says'

/** Equal for everybody: no setting of this machine is in it. */
function composeConfig(): Config {
  const config = loadConfig({ NODE_ENV: 'production' })
  const ports = Object.fromEntries(portNames.map((name, index) => [name, standIn(index)])) as Config['ports']
  return { ...config, ports }
}

/** The whole text. `definitionsOf` makes the services for a site, in their order in the file. */
export async function composeFile(definitionsOf: (site: Site) => readonly ServiceDefinition[]): Promise<string> {
  const config = composeConfig()
  const definitions = definitionsOf({
    ...dockerSite(config),
    secret: (name) => `@@${name}@@`,
    supersetDatabase: null,
    external: nothingExternal,
  })
  const services: Record<string, object> = {}
  const volumes = new Set<string>()
  for (const definition of definitions) {
    const image = await imageRef(imageIdOf(definition), config)
    const spec = await specOf(definition, { config, scope, image })
    services[definition.id] = serviceOf(definition, spec, firstOf(definition, definitions))
    for (const { Source, Target } of dataMounts(spec)) volumes.add(volumeName(Source, Target))
  }
  const document = { services, volumes: Object.fromEntries([...volumes].map((name) => [name, {}])) }
  // Compose 1.29 reads YAML 1.1, in which more than numbers turn into something else without quotes.
  const text = stringify(document, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })
  return head + text.replace(standIns, variableOf)
}

const head = `# Written by \`bin/aviary compose\` from the definitions of the services: change those. Images: \`bin/aviary images\`.
# Passwords, keys and ports stand in docker/.env: \`bin/aviary compose\` writes that too, or see env.example.
`

export const settingsHead =
  '# Written by `bin/aviary compose`, which replaces it: the secrets and ports of one stack.\n'
export const isOurs = (settings: string): boolean => settings.startsWith(settingsHead)

/** Lines for the ports that are not where the Compose files look for them by themselves. */
export const movedPorts = ({ ports }: Config): string[] =>
  portNames.flatMap((name) => (ports[name] === innerPorts[name] ? [] : [`${portVariable(name)}=${ports[name]}`]))

/** The file `.env` beside it: with that, Compose runs the very stack that the console runs. It holds secrets. */
export function composeSettings(config: Config, project: string): string {
  const lines = [
    `COMPOSE_PROJECT_NAME=${project}`,
    ...secretNames.map((name) => `${secretVariable(name)}=${secret(config.homeDir, name)}`),
    ...movedPorts(config),
  ]
  return `${settingsHead}${lines.join('\n')}\n`
}

const dataMounts = ({ body }: ServiceSpec) => body.HostConfig.Mounts.filter(({ Target }) => Target !== confDir)
/** Compose puts the project before it. */
const volumeName = (source: string, target: string) => (target === '' ? '' : source.slice(`${scope.project}_`.length))

/**
 * What a service needs, and the first services of the chain that it starts after. Not the whole chain: Compose sees only every ten
 * seconds whether a service is healthy, and every link would cost that.
 */
function firstOf(definition: ServiceDefinition, all: readonly ServiceDefinition[]): ServiceId[] {
  const first = new Set<ServiceId>(definition.needs)
  const ahead = (ids: readonly ServiceId[] = []) => {
    for (const { id, startsAfter = [] } of all.filter((each) => ids.includes(each.id))) {
      if (startsAfter.length === 0) first.add(id)
      else ahead(startsAfter)
    }
  }
  ahead(definition.startsAfter)
  return [...first]
}

function serviceOf(definition: ServiceDefinition, spec: ServiceSpec, waitsFor: readonly ServiceId[]): object {
  const { body } = spec
  const { HostConfig } = body
  const dependsOn = Object.fromEntries(waitsFor.map((id) => [id, { condition: 'service_healthy' }]))
  return {
    image: body.Image,
    hostname: body.Hostname,
    command: ['sh', '-c', escaped(startScript(spec))],
    working_dir: body.WorkingDir,
    environment: { ...environment(body.Env), ...secretsOf(spec) },
    ...(waitsFor.length > 0 ? { depends_on: dependsOn } : {}),
    healthcheck: healthCheck(definition),
    restart: 'unless-stopped',
    stop_signal: body.StopSignal,
    stop_grace_period: `${graceMsOf(definition) / 1000}s`,
    mem_limit: HostConfig.Memory,
    memswap_limit: HostConfig.MemorySwap,
    pids_limit: HostConfig.PidsLimit,
    read_only: HostConfig.ReadonlyRootfs,
    cap_drop: HostConfig.CapDrop,
    security_opt: HostConfig.SecurityOpt.map((option) => `${option}:true`),
    tmpfs: [
      ...Object.entries(HostConfig.Tmpfs).map(([path, options]) => `${path}:${options}`),
      // The launcher of peons is run there.
      `${confDir}:rw,exec,nosuid,nodev,size=16m,mode=700,uid=1000,gid=1000`,
    ],
    volumes: dataMounts(spec).map(({ Source, Target }) => `${volumeName(Source, Target)}:${Target}`),
    ports: Object.entries(HostConfig.PortBindings).flatMap(([inner, bindings]) =>
      bindings.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}:${inner.replace('/tcp', '')}`),
    ),
    logging: { driver: HostConfig.LogConfig.Type, options: HostConfig.LogConfig.Config },
  }
}

const environment = (env: readonly string[]): Record<string, string> =>
  Object.fromEntries(env.map((pair) => [pair.slice(0, pair.indexOf('=')), escaped(pair.slice(pair.indexOf('=') + 1))]))

/** Only those that the configuration asks for; Compose refuses to begin without one, and says so. */
function secretsOf({ conf }: ServiceSpec): Record<string, string> {
  const texts = conf.map(({ content }) => String(content)).join('\n')
  const asked = secretNames.filter((name) => texts.includes(`@@${name}@@`))
  return Object.fromEntries(
    asked.map((name) => [secretVariable(name), `\${${secretVariable(name)}:?${missingSecret}}`]),
  )
}

/** Writes the configuration, then turns into the service. */
function startScript({ conf, body }: ServiceSpec): string {
  const [shell, option, script = ''] = body.Cmd
  const run = shell === 'sh' && option === '-c' ? script : `exec ${quoteAll(body.Cmd)}`
  return `${confScript({ conf, marks: secretMark, variableOf: secretVariable })}${run}\n`
}

/** Compose itself looks for variables. */
const escaped = (text: string): string => text.replaceAll('$', '$$$$')
