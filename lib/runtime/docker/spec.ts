/** Turns a definition into what Docker is asked for: a container's settings, its volumes and the files of its configuration. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '#lib/config.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { VendorImage } from '#lib/vendor-images.ts'
import type { JavaProgram, JvmSettings, NativeProgram, ServiceDefinition } from '../definition.ts'
import { jvmFlags } from '../jvm.ts'
import { render } from '../render.ts'
import { quote, quoteAll } from '../shell.ts'
import { Archives, archivesDir, archivesVolume } from './archives.ts'
import type { ContainerBody } from './guard/bodies.ts'
import { projectLabel, type Scope, serviceLabel } from './guard/scope.ts'
import { confDir, dataDir, published } from './site.ts'
import type { TarEntry } from './tar.ts'

/** Of all that decides what a container is; another one means that it must be made anew. */
export const hashLabel = 'com.docker.compose.config-hash'

interface VolumeMount {
  readonly Name: string
  /** Without the project, as Compose names it. */
  readonly volume: string
  readonly target: string
}

export interface ServiceSpec {
  readonly name: string
  readonly hash: string
  readonly volumes: readonly VolumeMount[]
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

/** A JVM that writes its start archive: measured of the Coordinator, the largest, 250 MB. */
const archivingMb = 256

/** Room above what a service is expected to take, so that only a leak meets the limit. */
const memoryLimit = ({ memoryMb, program }: ServiceDefinition): number =>
  (Math.ceil(memoryMb * 1.5) + 64 + (program.kind === 'java' ? archivingMb : 0)) * 1024 * 1024

/** On the disk, in its data volume, where a service spills; null for the one in memory. */
const tmpDirOf = ({ id, spills }: ServiceDefinition): string | null => (spills ? `${dataDir(id)}/tmp` : null)
const tmpFlags = (dir: string | null): string[] => (dir === null ? [] : [`-Djava.io.tmpdir=${dir}`])

interface Start {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** The image that a service runs from. */
type Origin = Pick<SpecContext, 'image' | 'vendor'>

/** What comes after the flags of a JVM. Our images list their jars in a fixed order in a file for `java @file`. */
function classesOf({ jars, mainClass, args }: JavaProgram, { vendor }: Origin): string[] {
  const [artifact, ...more] = jars
  if (artifact === undefined || more.length > 0) throw new Error(`${mainClass} needs one folder of jars in its image`)
  const classPath = vendor?.classPath ? ['-cp', vendor.classPath] : [`@/opt/${artifact}.class-path`]
  return [...classPath, mainClass, ...args]
}

const flagsOf = (settings: JvmSettings, tmpDir: string | null): string[] => [...jvmFlags(settings), ...tmpFlags(tmpDir)]

function commandOf(program: JavaProgram | NativeProgram, tmpDir: string | null, origin: Origin): Start {
  if (program.kind === 'java')
    return { command: ['java', ...flagsOf(program, tmpDir), ...classesOf(program, origin)], env: program.env ?? {} }
  const { command, env } = program.command()
  return { command: [command, ...program.args], env }
}

/** Shell text that turns into the service. */
function runOf(program: JavaProgram | NativeProgram, tmpDir: string | null, origin: Origin): string {
  if (program.kind === 'native') return `exec ${quoteAll(commandOf(program, tmpDir, origin).command)}`
  const children = program.children === undefined ? null : flagsOf(program.children, tmpDir)
  return new Archives(origin.image, program).run(
    flagsOf(program, tmpDir),
    quoteAll(classesOf(program, origin)),
    children,
  )
}

/**
 * The data folder is prepared, where that is needed, by the container itself: so it also works without us. What was spilled before the
 * start is of no use to anybody.
 */
function startOf(service: ServiceDefinition, origin: Origin): Start {
  const { id, program, prepare } = service
  const tmpDir = tmpDirOf(service)
  const { command, env } = commandOf(program, tmpDir, origin)
  const steps: string[] = []
  if (tmpDir !== null) steps.push(`rm -rf ${quote(tmpDir)} && mkdir ${quote(tmpDir)} || exit`)
  if (prepare !== undefined) {
    const done = quote(`${dataDir(id)}/${prepare.doneWhen}`)
    steps.push(`[ -e ${done} ] || ${quoteAll(commandOf(prepare.program, tmpDir, origin).command)} || exit`)
  }
  if (steps.length === 0 && program.kind === 'native') return { command, env }
  return { command: ['sh', '-c', [...steps, runOf(program, tmpDir, origin)].join('\n')], env }
}

async function confOf(service: ServiceDefinition, image: string, rootDir: string): Promise<TarEntry[]> {
  const { files, program } = service
  const entries = files.map(async ({ template, target, values }): Promise<TarEntry> => {
    const text = await readFile(join(rootDir, 'docker', template), 'utf8')
    return { path: target, mode: 0o600, content: render(text, values, template) }
  })
  if (program.kind !== 'java' || program.children === undefined) return Promise.all(entries)
  const launcher = new Archives(image, program).launcher(flagsOf(program.children, tmpDirOf(service)))
  return [...(await Promise.all(entries)), { path: program.children.launcher, mode: 0o700, content: launcher }]
}

function volumesOf({ id, sharesData = [], program }: ServiceDefinition, scope: Scope): VolumeMount[] {
  const named = (Name: string, target: string) => ({ Name, volume: Name.slice(`${scope.project}_`.length), target })
  return [
    named(confVolume(scope, id), confDir),
    ...[id, ...sharesData].map((other) => named(dataVolume(scope, other), dataDir(other))),
    ...(program.kind === 'java' ? [named(archivesVolume(scope, id), archivesDir)] : []),
  ]
}

/** Where its ports are on this machine: on loopback alone. */
export function portsOf({ ports }: ServiceDefinition, config: Config) {
  const bindings: ContainerBody['HostConfig']['PortBindings'] = {}
  for (const name of ports)
    bindings[`${published[name]}/tcp`] = [{ HostIp: '127.0.0.1', HostPort: String(config.ports[name]) }]
  return bindings
}

function hostConfigOf(
  service: ServiceDefinition,
  context: SpecContext,
  volumes: readonly VolumeMount[],
): ContainerBody['HostConfig'] {
  const { config, scope } = context
  const limit = memoryLimit(service)
  return {
    NetworkMode: networkName(scope),
    Mounts: volumes.map(({ Name, target }) => ({ Type: 'volume', Source: Name, Target: target })),
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
  const conf = await confOf(service, image, config.rootDir)
  const { command, env } = startOf(service, context)
  const volumes = volumesOf(service, scope)
  const HostConfig = hostConfigOf(service, context, volumes)
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
    volumes,
    body: { ...plain, Labels: labelsOf(scope, id, hash, config.rootDir) },
    conf,
    owners: vendor === null ? [] : ownersOf(service, { ...context, image: vendor.base }, volumes),
  }
}

/** Over `/conf`, which the user of all our images owns. */
function ownersOf(service: ServiceDefinition, context: SpecContext, volumes: readonly VolumeMount[]): ContainerBody[] {
  const { config, scope, image } = context
  const HostConfig = { ...hostConfigOf(service, context, []), PortBindings: {} }
  const data = volumes.filter(({ target }) => target !== confDir)
  return data.map(({ Name }) => ({
    ...{ Image: image, Hostname: 'owner', Entrypoint: [], Cmd: ['true'], Env: [], WorkingDir: confDir },
    ...{ StopSignal: 'SIGTERM', ExposedPorts: {}, Labels: labelsOf(scope, service.id, 'owner', config.rootDir) },
    HostConfig: { ...HostConfig, Mounts: [{ Type: 'volume', Source: Name, Target: confDir }] },
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
