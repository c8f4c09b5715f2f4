/** Turns a definition into a running, detached process. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '#lib/config.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { launcherScript } from '../archiving.ts'
import type { JavaProgram, NativeProgram, ServiceDefinition, Site } from '../definition.ts'
import { jvmFlags } from '../jvm.ts'
import { archiveDir, archiveKey, chooseArchive } from './archive.ts'
import { writeAtomically, writeConf } from './conf.ts'
import { findJars, findJava, type Jar, type Java, javaCommand, oldestJava } from './java.ts'
import { logPath } from './logs.ts'
import { readRecord, type ServiceRecord, type StartRecord, writeStart } from './records.ts'
import { serviceDir } from './site.ts'
import { wrapperArguments } from './wrapper.ts'

/** Longer than the slowest machine takes to start a shell. */
const identifiedWithinMs = 10_000

interface Command {
  readonly command: readonly string[]
  readonly env: Record<string, string>
  readonly training: StartRecord['training']
  readonly childTraining: string | null
}

export class Launcher {
  readonly #config: Config
  readonly #site: Site
  #java: Promise<Java> | null = null

  constructor(config: Config, site: Site) {
    this.#config = config
    this.#site = site
  }

  /** Resolves once the process is known by pid and start time. Throws with what to do when it cannot be started. */
  async launch(
    service: ServiceDefinition,
    onStep: (step: string) => void,
    signal: AbortSignal,
  ): Promise<ServiceRecord> {
    const dataDir = this.#site.dataDir(service.id)
    const confDir = this.#site.confDir(service.id)
    const tmpDir = tmpDirOf(this.#config.homeDir, service.id)
    await rm(tmpDir, { recursive: true, force: true })
    await mkdir(tmpDir, { recursive: true, mode: 0o700 })
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    await mkdir(confDir, { recursive: true, mode: 0o700 })
    onStep('writing its configuration')
    await writeConf(service.files, join(this.#config.rootDir, 'docker'), confDir)
    if (service.prepare !== undefined && !(await isThere(join(dataDir, service.prepare.doneWhen)))) {
      onStep('preparing its data folder')
      await this.#runToEnd(service, service.prepare.program, signal)
    }
    signal.throwIfAborted()
    onStep('starting')
    const { command, env, training, childTraining } = await this.#command(service, service.program, true)
    await writeStart(this.#config.homeDir, service.id, { startedAt: Date.now(), training, childTraining })
    return this.#detach(service, command, env)
  }

  async #command(service: ServiceDefinition, program: JavaProgram | NativeProgram, archive: boolean): Promise<Command> {
    // Nothing else of the console's environment: no secrets, and no JAVA_TOOL_OPTIONS that would change the start archives.
    const base = { PATH: this.#config.searchPath, HOME: this.#config.homeDir, LANG: 'C.UTF-8' }
    if (program.kind === 'native') {
      const { command, env } = program.command()
      return { command: [command, ...program.args], env: { ...base, ...env }, training: null, childTraining: null }
    }
    const env = { ...base, ...program.env }
    const java = await this.#findJava()
    const jars = await findJars(program.jars.map((artifact) => this.#site.artifactDir(artifact)))
    const tmpDir = tmpDirOf(this.#config.homeDir, service.id)
    const parts = { java, program, jars, tmpDir }
    if (!archive)
      return { command: javaCommand({ ...parts, archiveFlags: [] }), env, training: null, childTraining: null }
    const dir = archiveDir(this.#config.cacheDir)
    const key = archiveKey(java, program.mainClass, program, jars)
    const { flags, training } = await chooseArchive(dir, `${service.id}-${key}`)
    const childTraining = await this.#writeLauncher(service, program, java, jars)
    return { command: javaCommand({ ...parts, archiveFlags: flags }), env, training, childTraining }
  }

  /** Returns the folder in which a child's archive will be written; null when there are no children, or when it is there. */
  async #writeLauncher(
    service: ServiceDefinition,
    { mainClass, children }: JavaProgram,
    java: Java,
    jars: readonly Jar[],
  ): Promise<string | null> {
    if (children === undefined) return null
    const name = join(
      archiveDir(this.#config.cacheDir),
      `${service.id}-child-${archiveKey(java, mainClass, children, jars)}`,
    )
    const training = `${name}.${randomUUID()}`
    const flags = jvmFlags(children)
    const script = launcherScript({ java: java.command, flags, target: `${name}.jsa`, training })
    await writeAtomically(join(this.#site.confDir(service.id), children.launcher), script, 0o700)
    return (await isThere(`${name}.jsa`)) ? null : training
  }

  #findJava(): Promise<Java> {
    this.#java ??= findJava(this.#config).then((java) => {
      if (java === null || java.major < oldestJava) {
        // Asked again next time: it may have been installed by then.
        this.#java = null
        throw new Error(`Java ${oldestJava} or newer is needed. Install one, or point JAVA_HOME at it.`)
      }
      return java
    })
    return this.#java
  }

  async #detach(
    service: ServiceDefinition,
    command: readonly string[],
    env: Record<string, string>,
  ): Promise<ServiceRecord> {
    const dir = serviceDir(this.#config.homeDir, service.id)
    const log = await open(logPath(dir), constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY, 0o600)
    try {
      // Gives a time to what comes before the service's own first line: the complaints of a JVM that does not start have none.
      await log.write(`${new Date().toISOString()} aviary: ${service.id} ${service.version} is started\n`)
      // A session of its own: it outlives the console and its terminal.
      const child = spawn('sh', wrapperArguments(dir, command), {
        cwd: this.#site.confDir(service.id),
        env: env as NodeJS.ProcessEnv,
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      })
      const failed = new Promise<never>((_, reject) => child.once('error', reject))
      child.unref()
      return await Promise.race([this.#identified(service), failed])
    } finally {
      await log.close()
    }
  }

  async #identified(service: ServiceDefinition): Promise<ServiceRecord> {
    const until = Date.now() + identifiedWithinMs
    for (;;) {
      const record = await readRecord(this.#config.homeDir, service.id)
      if (record !== null && record.process !== null) return record
      if (Date.now() > until) throw new Error(`${service.id} could not be started: no shell came up in time`)
      await delay(5)
    }
  }

  /** Throws with the end of its output when it fails. */
  async #runToEnd(
    service: ServiceDefinition,
    program: JavaProgram | NativeProgram,
    signal: AbortSignal,
  ): Promise<void> {
    const { command, env } = await this.#command(service, program, false)
    const [file = '', ...args] = command
    const child = spawn(file, args, {
      cwd: this.#site.confDir(service.id),
      env: env as NodeJS.ProcessEnv,
      signal,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const keep = (part: Buffer) => {
      output = (output + part.toString()).slice(-4_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    await writeFile(logPath(serviceDir(this.#config.homeDir, service.id)), output, { flag: 'a', mode: 0o600 })
    if (code === 0) return
    const last = output.trim().split('\n').slice(-3).join(' ')
    throw new Error(`The data folder of ${service.id} could not be prepared (code ${code}): ${last}`)
  }
}

/** Not in the data folder: Kafka takes every folder there for a partition. */
const tmpDirOf = (homeDir: string, service: ServiceId) => join(serviceDir(homeDir, service), 'tmp')

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )
