/**
 * Runs services as detached processes of this machine. Below the stack, which decides what runs; above the operating system, which is
 * asked for everything: no knowledge is kept in memory alone, so any later console finds the same services again.
 */
import { rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { type ArtifactId, artifactIds, artifactPath } from '#lib/artifacts/index.ts'
import type { Config } from '#lib/config.ts'
import type { PreflightFault } from '#lib/pipeline/snapshot.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { trainingGraceMs } from '../archiving.ts'
import type { ServiceDefinition } from '../definition.ts'
import type { Instance, LogOptions, Runtime, ServiceStats, StartProgress } from '../runtime.ts'
import { Turns } from '../turns.ts'
import { archiveDir, pruneArchives, settleTraining } from './archive.ts'
import { javaFaults } from './faults.ts'
import { clearGroup, signalService } from './group.ts'
import { Launcher } from './launch.ts'
import { consoleLog, logLimits, logPath, readLog, rotate } from './logs.ts'
import { listRecorded, readRecord, type ServiceRecord } from './records.ts'
import { dataDir, processSite, serviceDir } from './site.ts'
import { ProcessStats } from './stats.ts'

export { processSite } from './site.ts'

const lookEveryMs = 1_000
/** At the first look and at every so many after it logs are rotated. */
const rotateEvery = 10
const stopLookMs = 50

export interface ProcessRuntimeOptions {
  readonly config: Config
  readonly log: Logger
}

export const createProcessRuntime = (options: ProcessRuntimeOptions): Runtime => new ProcessRuntime(options)

class ProcessRuntime implements Runtime {
  readonly kind = 'process'
  readonly #config: Config
  readonly #log: Logger
  readonly #launcher: Launcher
  readonly #stats = new ProcessStats()
  readonly #listeners = new Set<(instance: Instance) => void>()
  /** Services seen running at the last look; one that is missing has ended. */
  readonly #running = new Set<ServiceId>()
  readonly #stopping = new Set<ServiceId>()
  /** Start and stop of one service wait for each other. */
  readonly #turns = new Turns()
  readonly #timer: NodeJS.Timeout
  #looking = false
  #looks = 0

  constructor({ config, log }: ProcessRuntimeOptions) {
    this.#config = config
    this.#log = log
    this.#launcher = new Launcher(config, processSite(config))
    this.#timer = setInterval(() => void this.#look(), lookEveryMs)
    this.#timer.unref()
  }

  faults(services: readonly ServiceDefinition[]): Promise<readonly PreflightFault[]> {
    return javaFaults(this.#config, services)
  }

  async missingArtifacts(services: readonly ServiceDefinition[]): Promise<readonly ArtifactId[]> {
    const needed = new Set(services.flatMap(({ artifacts }) => artifacts))
    return artifactIds.filter((id) => needed.has(id) && artifactPath(id, this.#config.cacheDir) === null)
  }

  /** They run from the artifacts themselves. */
  async prepare(): Promise<void> {}

  start(service: ServiceDefinition, onProgress: (p: StartProgress) => void, signal: AbortSignal): Promise<void> {
    return this.#turns.take(service.id, async () => {
      signal.throwIfAborted()
      const before = await readRecord(this.#config.homeDir, service.id)
      if (before?.alive) {
        this.#running.add(service.id)
        return
      }
      if (before !== null) await this.#cleanUp(before)
      const onStep = (step: string) => onProgress({ service: service.id, step })
      const record = await this.#launcher.launch(service, onStep, signal)
      // Also when it has ended meanwhile: the next look reports that.
      this.#running.add(service.id)
      this.#log.info({ service: service.id, pid: record.process?.pid }, 'service started')
    })
  }

  stop(service: ServiceDefinition, signal: AbortSignal): Promise<void> {
    return this.#turns.take(service.id, async () => {
      const record = await readRecord(this.#config.homeDir, service.id)
      if (record === null) return
      this.#stopping.add(service.id)
      try {
        if (record.alive) await this.#end(record, service.stopGraceMs, signal)
        this.#running.delete(service.id)
        await this.#cleanUp((await readRecord(this.#config.homeDir, service.id)) ?? record)
      } finally {
        this.#stopping.delete(service.id)
      }
      this.#log.info({ service: service.id }, 'service stopped')
    })
  }

  purge(service: ServiceId): Promise<void> {
    return this.#turns.take(service, async () => {
      if ((await readRecord(this.#config.homeDir, service))?.alive)
        throw new Error(`${service} runs: stop it before its data is deleted`)
      await rm(dataDir(this.#config.homeDir, service), { recursive: true, force: true })
    })
  }

  async inspect(): Promise<Map<ServiceId, Instance>> {
    const found = new Map<ServiceId, Instance>()
    for (const id of await listRecorded(this.#config.homeDir)) {
      const record = await readRecord(this.#config.homeDir, id)
      if (record === null) continue
      if (record.alive) this.#running.add(id)
      found.set(id, instanceOf(record))
    }
    return found
  }

  logs(service: ServiceId, options: LogOptions, signal: AbortSignal): AsyncIterable<string> {
    return readLog(serviceDir(this.#config.homeDir, service), options, signal)
  }

  /** On one machine all see the same files. */
  async lend(_service: ServiceId, folder: string): Promise<string> {
    return folder
  }

  async stats(service: ServiceId): Promise<ServiceStats | null> {
    const record = await readRecord(this.#config.homeDir, service)
    return record?.alive && record.process !== null ? this.#stats.of(service, record.process) : null
  }

  onExit(listener: (instance: Instance) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#listeners.clear()
    await this.#turns.settled()
  }

  async #end(record: ServiceRecord, graceMs: number, signal: AbortSignal): Promise<void> {
    if (record.process === null) return
    await signalService(record.process, 'SIGTERM')
    const training = record.start.training !== null || record.start.childTraining !== null
    const until = performance.now() + graceMs + (training ? trainingGraceMs : 0)
    for (;;) {
      const now = await readRecord(this.#config.homeDir, record.service)
      if (now === null || !now.alive) return
      // Told to stop, it will: only the waiting ends.
      signal.throwIfAborted()
      if (performance.now() > until) break
      await delay(stopLookMs, undefined, { signal })
    }
    this.#log.warn({ service: record.service }, 'service did not stop in time and is killed')
    await signalService(record.process, 'SIGKILL')
  }

  /** After the end of the main process: nothing of it is left, and its start archive is kept or thrown away. */
  async #cleanUp(record: ServiceRecord): Promise<void> {
    if (record.process !== null) await clearGroup(record.process, () => this.#hasExit(record.service))
    const { training, childTraining } = record.start
    const exit = (await readRecord(this.#config.homeDir, record.service))?.exit
    if (training !== null) await settleTraining(training, exit?.code === 0 || exit?.signal === 'SIGTERM')
    if (childTraining !== null) await rm(childTraining, { recursive: true, force: true })
    if (training !== null || childTraining !== null) await pruneArchives(archiveDir(this.#config.cacheDir), Date.now())
  }

  async #hasExit(service: ServiceId): Promise<boolean> {
    const record = await readRecord(this.#config.homeDir, service)
    return record === null || record.exit !== null
  }

  async #look(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    try {
      for (const id of [...this.#running]) await this.#lookAt(id)
      // Only for a console, which listens for ends: of two that rotate (`doctor` beside it) one would overwrite the other's copy.
      if (this.#listeners.size > 0 && this.#looks++ % rotateEvery === 0) await this.#rotateLogs()
    } catch (error) {
      this.#log.error({ err: error }, 'looking after the services failed')
    } finally {
      this.#looking = false
    }
  }

  async #rotateLogs(): Promise<void> {
    const { homeDir } = this.#config
    await rotate(consoleLog(homeDir), logLimits)
    for (const id of await listRecorded(homeDir)) await rotate(logPath(serviceDir(homeDir, id)), logLimits)
  }

  async #lookAt(id: ServiceId): Promise<void> {
    if (this.#stopping.has(id)) return
    const seen = await readRecord(this.#config.homeDir, id)
    if (seen?.alive) return
    const instance = await this.#turns.take(id, async () => {
      const record = await readRecord(this.#config.homeDir, id)
      if (record === null || record.alive || !this.#running.delete(id)) return null
      await this.#cleanUp(record)
      return instanceOf((await readRecord(this.#config.homeDir, id)) ?? record)
    })
    if (instance === null) return
    this.#log.warn({ service: id, exit: instance.exit }, 'service ended unasked')
    for (const listener of this.#listeners) listener(instance)
  }
}

function instanceOf(record: ServiceRecord): Instance {
  const { service, start, process, alive } = record
  // Ended without a record: all that is known is that it does not run.
  const exit = alive ? null : (record.exit ?? { code: null, signal: null, at: Date.now() })
  const handle = process === null ? null : String(process.pid)
  return { service, state: alive ? 'running' : 'exited', handle, startedAt: start.startedAt, exit }
}
