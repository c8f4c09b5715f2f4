/** Keeps one service as it is meant to be: starts it, waits until it is ready, watches it, starts it again when it dies. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { ServicePhase, ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import { observe, type State, type Status } from '#lib/pipeline/status.ts'
import type { ServiceDefinition } from '#lib/runtime/definition.ts'
import type { Instance, Runtime, ServiceExit, ServiceStats } from '#lib/runtime/runtime.ts'
import { mostRestarts, Restarts } from './restarts.ts'

const readyEveryMs = 200
const askWithinMs = 5_000
const lastLogLines = 20

export interface KeeperOptions {
  readonly definition: ServiceDefinition
  readonly runtime: Runtime
  readonly ports: ServiceSnapshot['ports']
  readonly log: Logger
  readonly onChange: () => void
}

export class ServiceKeeper {
  readonly definition: ServiceDefinition
  readonly #options: KeeperOptions
  readonly #restarts = new Restarts()
  #phase: ServicePhase = 'stopped'
  #status: Status = observe(null, 'down', 'It has not been started.', Date.now())
  #waitsFor: string | null = null
  #instance: Instance | null = null
  #exit: ServiceExit | null = null
  #lastLog: readonly string[] = []
  #restartAt: number | null = null
  #stops = 0
  #restartTimer: NodeJS.Timeout | null = null
  #stats: ServiceStats | null = null
  /** The run under way; aborting it stops waiting, not the service. */
  #run: AbortController | null = null

  constructor(options: KeeperOptions) {
    this.definition = options.definition
    this.#options = options
  }

  get phase(): ServicePhase {
    return this.#phase
  }

  /** Why it is not ready, in one sentence; null when it is. */
  get reason(): string | null {
    return this.#status.reason
  }

  get isUp(): boolean {
    return this.#status.state === 'up'
  }

  /** Begins to start it and returns at once; `whenReady` tells the end. A running service is only watched. */
  start(needs: readonly ServiceKeeper[]): void {
    if (this.#phase === 'ready' || this.#run !== null) return
    this.#restarts.forget()
    this.#begin(needs)
  }

  /** Resolves when it is ready; rejects when it is given up or stopped, or with the signal's reason. */
  async whenReady(signal: AbortSignal): Promise<void> {
    const stops = this.#stops
    while (this.#phase !== 'ready') {
      signal.throwIfAborted()
      if (this.#phase === 'failed') throw new Error(`${this.definition.id}: ${this.#status.reason}`)
      if (this.#stops !== stops) throw new Error(`${this.definition.id} was stopped while it was waited for`)
      await delay(50, undefined, { signal })
    }
  }

  async stop(signal: AbortSignal): Promise<void> {
    this.#cancel()
    this.#stops++
    this.#set('stopping', 'down', 'It is being stopped.')
    try {
      await this.#options.runtime.stop(this.definition, signal)
    } catch (error) {
      this.#set('failed', 'down', `It could not be stopped: ${messageOf(error)}`)
      throw error
    }
    this.#instance = null
    this.#exit = null
    this.#stats = null
    this.#lastLog = []
    this.#set('stopped', 'down', 'It has been stopped.')
  }

  /** An exit nobody asked for. */
  async noteExit(instance: Instance): Promise<void> {
    if (this.#phase === 'stopped' || this.#phase === 'stopping' || this.#phase === 'failed') return
    this.#cancel()
    this.#instance = null
    this.#stats = null
    this.#exit = instance.exit
    this.#set('waiting', 'down', `It ended with ${nameOfExit(instance.exit)}.`)
    this.#lastLog = await this.#readLastLog()
    // Stopped or started by hand while the log was read.
    if (this.#phase !== 'waiting' || this.#run !== null) return
    const pause = this.#restarts.noteExit(Date.now())
    const ended = `It ended with ${nameOfExit(instance.exit)}`
    if (pause === null) {
      this.#set('failed', 'down', `${ended}, and ${mostRestarts} restarts did not help. Its last log lines say why.`)
      return
    }
    this.#restartAt = Date.now() + pause
    this.#set('waiting', 'down', `${ended}. It is started again in ${pause / 1_000} s.`)
    this.#restartTimer = setTimeout(() => this.#begin([]), pause)
  }

  /** Asks a ready service whether it still is. */
  async check(): Promise<void> {
    if (this.#phase !== 'ready') return
    const { ready, waitsFor } = await this.definition.ready(AbortSignal.timeout(askWithinMs))
    if (this.#phase !== 'ready') return
    if (ready) this.#set('ready', 'up', null)
    else this.#set('ready', 'degraded', `It runs, but ${waitsFor}.`)
  }

  async measure(): Promise<void> {
    if (this.#instance === null) return
    this.#stats = await this.#options.runtime.stats(this.definition.id)
    this.#options.onChange()
  }

  snapshot(): ServiceSnapshot {
    const { id, engine, version } = this.definition
    return {
      ...{ id, engine, version, phase: this.#phase, status: this.#status, waitsFor: this.#waitsFor },
      handle: this.#instance?.handle ?? null,
      startedAt: this.#instance?.startedAt ?? null,
      restarts: this.#restarts.count,
      restartAt: this.#restartAt,
      exit: this.#exit,
      lastLog: this.#lastLog,
      ports: this.#options.ports,
      cpuPercent: this.#stats?.cpuPercent ?? null,
      rssBytes: this.#stats?.rssBytes ?? null,
    }
  }

  /** Ends watching; the service goes on. */
  close(): void {
    this.#cancel()
  }

  #begin(needs: readonly ServiceKeeper[]): void {
    this.#cancel()
    const run = new AbortController()
    this.#run = run
    this.#bringUp(needs, run.signal)
      .catch((error: unknown) => {
        if (run.signal.aborted) return
        this.#options.log.error({ err: error, service: this.definition.id }, 'service could not be started')
        this.#set('failed', 'down', `It could not be started: ${messageOf(error)}`)
      })
      .finally(() => {
        if (this.#run === run) this.#run = null
      })
  }

  async #bringUp(needs: readonly ServiceKeeper[], signal: AbortSignal): Promise<void> {
    const { runtime } = this.#options
    for (const need of needs) {
      this.#wait('waiting', `${need.definition.id} is not ready yet`)
      await need.whenReady(signal)
    }
    this.#wait('starting', 'its process to start')
    await runtime.start(this.definition, ({ step }) => this.#wait('starting', step), signal)
    this.#instance = (await runtime.inspect()).get(this.definition.id) ?? null
    for (;;) {
      const { ready, waitsFor } = await this.definition.ready(
        AbortSignal.any([signal, AbortSignal.timeout(askWithinMs)]),
      )
      signal.throwIfAborted()
      if (ready) break
      this.#wait('starting', waitsFor)
      await delay(readyEveryMs, undefined, { signal })
    }
    this.#restarts.noteReady(Date.now())
    this.#exit = null
    this.#lastLog = []
    this.#set('ready', 'up', null)
  }

  #cancel(): void {
    this.#run?.abort(new Error('no longer wanted'))
    this.#run = null
    if (this.#restartTimer !== null) clearTimeout(this.#restartTimer)
    this.#restartTimer = null
    this.#restartAt = null
  }

  #wait(phase: ServicePhase, waitsFor: string | null): void {
    this.#set(phase, 'starting', waitsFor)
    this.#waitsFor = waitsFor
  }

  #set(phase: ServicePhase, state: State, reason: string | null): void {
    this.#phase = phase
    this.#status = observe(this.#status, state, reason, Date.now())
    this.#waitsFor = null
    this.#options.onChange()
  }

  async #readLastLog(): Promise<string[]> {
    const lines: string[] = []
    try {
      const options = { tail: lastLogLines, follow: false }
      for await (const line of this.#options.runtime.logs(
        this.definition.id,
        options,
        AbortSignal.timeout(askWithinMs),
      ))
        lines.push(line)
    } catch (error) {
      this.#options.log.warn({ err: error, service: this.definition.id }, 'the log could not be read')
    }
    return lines
  }
}

function nameOfExit(exit: ServiceExit | null): string {
  if (exit?.signal) return exit.signal
  return exit === null || exit.code === null ? 'an unknown code' : `code ${exit.code}`
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
