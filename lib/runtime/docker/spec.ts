/** Turns a definition into what Docker is asked for: a container's settings, its volumes and the files of its configuration. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '#lib/config.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { VendorImage } from '#lib/vendor-images.ts'
import type { JavaProgram, NativeProgram, ServiceDefinition } from '../definition.ts'
import { jvmFlags } from '../jvm.ts'
import { render } from '../render.ts'
import type { ContainerBody } from './guard-bodies.ts'
import { projectLabel, type Scope, serviceLabel } from './guard-scope.ts'
import { confDir, dataDir, published } from './site.ts'
import type { TarEntry } from './tar.ts'

/** Of all that decides what a container is; another one means that it must be made anew. */
export const hashLabel = 'com.docker.compose.config-hash'

export interface ServiceSpec {
  readonly name: string
  readonly hash: string
  readonly volumes: readonly { readonly Name: string; readonly volume: string }[]
  readonly body: ContainerBody
  readonly conf: readonly TarEntry[]
  /**
   * Containers to be made and removed before it, never started: a fresh volume gets the owner of the folder that it is first mounted over,
   * and an image of others has no such folder. Empty for images of ours.
   */
  readonly owners: readonly ContainerBody[]
}

export interface SpecContext {
  readonly config: Config
  readonly scope: Scope
  /** Image with tag that holds the service. */
  readonly image: string
  /** Of a vendor's image: what differs in it, and an image of ours with a folder of the right owner. */
  readonly vendor?: (VendorImage & { readonly base: string }) | null
}

export const networkName = ({ project }: Scope): string => `${project}_default`
export const containerName = ({ project }: Scope, service: ServiceId): string => `${project}-${service}-1`
export const dataVolume = ({ project }: Scope, service: ServiceId): string => `${project}_${service}`
export const confVolume = ({ project }: Scope, service: ServiceId): string => `${project}_${service}-conf`

/** Room above what a service is expected to take, so that only a leak meets the limit. */
const memoryLimit = (memoryMb: number): number => (Math.ceil(memoryMb * 1.5) + 64) * 1024 * 1024

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
const shell = (command: readonly string[]) => command.map(quote).join(' ')

/** On the disk, in its data volume, where a service spills; null for the one in memory. */
const tmpDirOf = ({ id, spills }: ServiceDefinition): string | null => (spills ? `${dataDir(id)}/tmp` : null)
const tmpFlags = (dir: string | null): string[] => (dir === null ? [] : [`-Djava.io.tmpdir=${dir}`])

interface Start {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

function commandOf(program: JavaProgram | NativeProgram, tmpDir: string | null, vendor: SpecContext['vendor']): Start {
  if (program.kind === 'native') {
    const { command, env } = program.command()
    return { command: [command, ...program.args], env }
  }
  const [artifact, ...more] = program.jars
  if (artifact === undefined || more.length > 0)
    throw new Error(`${program.mainClass} needs one folder of jars in its image`)
  // Our images list their jars in a fixed order in a file for `java @file`.
  const classPath = vendor?.classPath ? ['-cp', vendor.classPath] : [`@/opt/${artifact}.class-path`]
  const flags = [...jvmFlags(program), ...tmpFlags(tmpDir)]
  const command = ['java', ...flags, ...classPath, program.mainClass, ...program.args]
  return { command, env: program.env ?? {} }
}

/**
 * The data folder is prepared, where that is needed, by the container itself: so it also works without us. What was spilled before the
 * start is of no use to anybody.
 */
function startOf(service: ServiceDefinition, vendor: SpecContext['vendor']): Start {
  const { id, program, prepare } = service
  const tmpDir = tmpDirOf(service)
  const { command, env } = commandOf(program, tmpDir, vendor)
  const steps: string[] = []
  if (tmpDir !== null) steps.push(`rm -rf ${quote(tmpDir)} && mkdir ${quote(tmpDir)} || exit`)
  if (prepare !== undefined) {
    const done = quote(`${dataDir(id)}/${prepare.doneWhen}`)
    steps.push(`[ -e ${done} ] || ${shell(commandOf(prepare.program, tmpDir, vendor).command)} || exit`)
  }
  if (steps.length === 0) return { command, env }
  return { command: ['sh', '-c', [...steps, `exec ${shell(command)}`].join('; ')], env }
}

async function confOf(service: ServiceDefinition, rootDir: string): Promise<TarEntry[]> {
  const { files, program } = service
  const entries = files.map(async ({ template, target, values }): Promise<TarEntry> => {
    const text = await readFile(join(rootDir, 'docker', template), 'utf8')
    return { path: target, mode: 0o600, content: render(text, values, template) }
  })
  const children = program.kind === 'java' ? program.children : undefined
  if (children === undefined) return Promise.all(entries)
  const launcher = `#!/bin/sh\nexec java ${shell([...jvmFlags(children), ...tmpFlags(tmpDirOf(service))])} "$@"\n`
  return [...(await Promise.all(entries)), { path: children.launcher, mode: 0o700, content: launcher }]
}

function portsOf({ ports }: ServiceDefinition, config: Config) {
  const bindings: ContainerBody['HostConfig']['PortBindings'] = {}
  for (const name of ports)
    bindings[`${published[name]}/tcp`] = [{ HostIp: '127.0.0.1', HostPort: String(config.ports[name]) }]
  return bindings
}

function hostConfigOf(
  service: ServiceDefinition,
  context: SpecContext,
  data: readonly ServiceId[],
): ContainerBody['HostConfig'] {
  const { config, scope } = context
  const limit = memoryLimit(service.memoryMb)
  const volume = (Source: string, Target: string) => ({ Type: 'volume' as const, Source, Target })
  return {
    NetworkMode: networkName(scope),
    Mounts: [
      volume(confVolume(scope, service.id), confDir),
      ...data.map((id) => volume(dataVolume(scope, id), dataDir(id))),
    ],
    Memory: limit,
    // No swap on top: a service that outgrows its limit ends, and says so, instead of crawling.
    MemorySwap: limit,
    PidsLimit: 2_000,
    PortBindings: portsOf(service, config),
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    // Native libraries of jars (lz4) are unpacked and run there.
    Tmpfs: { '/tmp': 'rw,exec,nosuid,nodev,size=64m,mode=1777' },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '4' } },
  }
}

/** Throws when a template and its values do not match, or when the definition cannot run in a container. */
export async function specOf(service: ServiceDefinition, context: SpecContext): Promise<ServiceSpec> {
  const { config, scope, image, vendor = null } = context
  const { id } = service
  const conf = await confOf(service, config.rootDir)
  const { command, env } = startOf(service, vendor)
  const data = [id, ...(service.sharesData ?? [])]
  const HostConfig = hostConfigOf(service, context, data)
  const plain = {
    Image: image,
    ...(vendor === null ? {} : { User: '1000:1000' as const }),
    Hostname: id,
    Entrypoint: [],
    Cmd: [...command],
    Env: ['HOME=/tmp', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
    WorkingDir: confDir,
    StopSignal: 'SIGTERM',
    ExposedPorts: Object.fromEntries(Object.keys(HostConfig.PortBindings).map((port) => [port, {}])),
    HostConfig,
    NetworkingConfig: { EndpointsConfig: { [networkName(scope)]: { Aliases: [id] } } },
  } satisfies Omit<ContainerBody, 'Labels'>
  const hash = createHash('sha256')
    .update(JSON.stringify([plain, conf]))
    .digest('hex')
  return {
    name: containerName(scope, id),
    hash,
    volumes: [
      { Name: confVolume(scope, id), volume: `${id}-conf` },
      ...data.map((other) => ({ Name: dataVolume(scope, other), volume: other })),
    ],
    body: { ...plain, Labels: labelsOf(scope, id, hash, config.rootDir) },
    conf,
    owners: vendor === null ? [] : ownersOf(service, { ...context, image: vendor.base }, data),
  }
}

/** Over `/conf`, which the user of all our images owns. */
function ownersOf(service: ServiceDefinition, context: SpecContext, data: readonly ServiceId[]): ContainerBody[] {
  const { config, scope, image } = context
  const HostConfig = { ...hostConfigOf(service, context, []), PortBindings: {} }
  return data.map((id) => ({
    ...{ Image: image, Hostname: 'owner', Entrypoint: [], Cmd: ['true'], Env: [], WorkingDir: confDir },
    ...{ StopSignal: 'SIGTERM', ExposedPorts: {}, Labels: labelsOf(scope, service.id, 'owner', config.rootDir) },
    HostConfig: { ...HostConfig, Mounts: [{ Type: 'volume', Source: dataVolume(scope, id), Target: confDir }] },
    NetworkingConfig: { EndpointsConfig: {} },
  }))
}

/** Compose's own words, so that Compose and other tools see one project. */
function labelsOf({ project }: Scope, service: ServiceId, hash: string, rootDir: string): Record<string, string> {
  return {
    [projectLabel]: project,
    [serviceLabel]: service,
    [hashLabel]: hash,
    'com.docker.compose.container-number': '1',
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.project.working_dir': join(rootDir, 'docker'),
    'com.docker.compose.project.config_files': join(rootDir, 'docker', 'compose.yaml'),
  }
}
