/** Keeps one service as it is meant to be: starts it, waits until it is ready, watches it, starts it again when it dies. */
import { setTimeout as delay } from 'node:timers/promises'
import type { ServicePhase, ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { observe, type State, type Status } from '#lib/pipeline/status.ts'
import type { ServiceDefinition } from '#lib/runtime/definition.ts'
import type { Instance, ServiceExit, ServiceStats } from '#lib/runtime/runtime.ts'
import { awayWords, isAway, untilBack } from './away.ts'
import type { Keeper, KeeperOptions } from './keeper-options.ts'
import { lastWords, messageOf, nameOfExit } from './last-words.ts'
import { ReadinessProbe, untilAllAnswer } from './readiness.ts'
import { figuresOf, missingReplicas } from './replicas.ts'
import { mostRestarts, Restarts } from './restarts.ts'

const readyEveryMs = 200

export class ServiceKeeper implements Keeper {
  readonly definition: ServiceDefinition
  readonly #options: KeeperOptions
  readonly #restarts = new Restarts()
  readonly #probe: ReadinessProbe
  #phase: ServicePhase = 'stopped'
  #status: Status = observe(null, 'down', 'It has not been started.', Date.now())
  #waitsFor: string | null = null
  #instance: Instance | null = null
  #exit: ServiceExit | null = null
  #lastLog: readonly string[] = []
  #restartAt: number | null = null
  #stops = 0
  #stats: ServiceStats | null = null
  /** The run under way; aborting it stops waiting, not the service. */
  #run: AbortController | null = null
  /** A restart that is to come. */
  #comeback: AbortController | null = null

  constructor(options: KeeperOptions) {
    this.definition = options.definition
    this.#options = options
    this.#probe = new ReadinessProbe(options.definition)
  }

  get id(): ServiceId {
    return this.definition.id
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

  /** Begins to start it once `earlier` are ready, and returns at once; `whenReady` tells the end. A running service is only watched. */
  start(earlier: readonly Keeper[]): void {
    if (this.#phase === 'ready' || this.#run !== null) return
    this.#restarts.forget(Date.now())
    this.#exit = null
    this.#lastLog = []
    this.#begin(earlier)
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
    this.#instance = this.#exit = this.#stats = null
    this.#lastLog = []
    this.#probe.forget()
    this.#set('stopped', 'down', 'It has been stopped.')
  }

  /** Replaces it replica by replica where the runtime can; false where it must be stopped and started. */
  async update(signal: AbortSignal): Promise<boolean> {
    const { runtime } = this.#options
    if (runtime.update === undefined || this.#phase !== 'ready') return false
    this.#cancel()
    const stops = this.#stops
    this.#wait('starting', 'its tasks to be replaced')
    try {
      await runtime.update(this.definition, ({ step }) => this.#wait('starting', step), signal)
    } finally {
      // Whatever came of it, it may run, unless it was stopped meanwhile.
      if (this.#stops === stops) this.#begin([])
    }
    return true
  }

  /** An exit nobody asked for. Resolves when it is on its way up again, or given up. */
  async noteExit(instance: Instance): Promise<void> {
    if (this.#phase === 'stopped' || this.#phase === 'stopping' || this.#phase === 'failed') return
    this.#exit = instance.exit
    await this.#startAgain(`It ended with ${nameOfExit(instance.exit)}`)
  }

  /** Asks a ready service whether it still is. */
  async check(): Promise<void> {
    if (this.#phase !== 'ready') return
    const { ready, waitsFor } = await this.#probe.ask()
    if (this.#phase !== 'ready') return
    const missing = missingReplicas(this.#stats)
    if (ready) this.#set('ready', missing === null ? 'up' : 'degraded', missing)
    else if (isAway(this.#options.runtime)) this.#set('ready', 'unknown', awayWords.notKnown)
    else this.#set('ready', 'degraded', `It runs, but ${waitsFor}.`)
  }

  async answers(): Promise<boolean> {
    return this.#phase === 'ready' && (await this.#probe.ask()).ready
  }

  async measure(): Promise<void> {
    if (this.#instance === null) return
    this.#stats = await this.#options.runtime.stats(this.definition.id).catch(() => null)
    this.#options.onChange()
  }

  snapshot(): ServiceSnapshot {
    const { id, engine, version, artifacts, needs } = this.definition
    const { ports, dependents, runtime } = this.#options
    return {
      ...{ id, engine, address: null, runtime: runtime.kind, version, artifacts, ports, needs, dependents },
      image: this.#instance?.image ?? null,
      ...{ phase: this.#phase, status: this.#status, waitsFor: this.#waitsFor, probe: this.#probe.last },
      ...{ handle: this.#instance?.handle ?? null, startedAt: this.#instance?.startedAt ?? null },
      ...{ restarts: this.#restarts.total, restartsSince: this.#restarts.since, restartAt: this.#restartAt },
      ...{ exit: this.#exit, lastLog: this.#lastLog },
      ...figuresOf(this.#stats, this.definition, runtime),
    }
  }

  /** Ends watching; the service goes on. */
  close(): void {
    this.#cancel()
  }

  async #startAgain(ended: string): Promise<void> {
    this.#cancel()
    this.#instance = null
    this.#stats = null
    this.#set('waiting', 'down', `${ended}.`)
    // Aborted when it is stopped or started by hand meanwhile.
    const comeback = new AbortController()
    this.#comeback = comeback
    await this.#comeBack(ended, comeback.signal).catch((error: unknown) => {
      if (!comeback.signal.aborted) throw error
    })
  }

  async #comeBack(ended: string, signal: AbortSignal): Promise<void> {
    const { runtime, needs, log } = this.#options
    const words = await lastWords(runtime, this.definition.id, log)
    signal.throwIfAborted()
    this.#lastLog = words
    // One that ends because another is away, or the engine is, would end again until that is back.
    const onAway = () => this.#set('waiting', 'unknown', awayWords.whenBack, awayWords.waitsFor)
    const wasAway = await untilBack(runtime, onAway, signal)
    const why = wasAway ? awayWords.ended : ended
    const onMissing = (id: ServiceId) =>
      this.#set('waiting', 'down', `${why}. It is started again when ${id} is ready.`, `${id} is not ready yet`)
    if ((await untilAllAnswer(needs(), onMissing, signal)) || wasAway) this.#restarts.noteBlocked()
    else {
      const pause = this.#restarts.noteExit(Date.now())
      const inVain = `${ended}, and ${mostRestarts} restarts did not help. Its last log lines say why.`
      if (pause === null) return this.#set('failed', 'down', inVain)
      this.#restartAt = Date.now() + pause
      this.#set('waiting', 'down', `${ended}. It is started again in ${pause / 1_000} s.`)
      await delay(pause, undefined, { signal })
    }
    this.#begin([], true)
  }

  /** `again`: when it cannot even be started, that is tried anew; without it, the service has failed. */
  #begin(earlier: readonly Keeper[], again = false): void {
    this.#cancel()
    const run = new AbortController()
    this.#run = run
    this.#bringUp(earlier, run.signal)
      .catch((error: unknown) => {
        if (run.signal.aborted) return
        this.#options.log.error({ err: error, service: this.definition.id }, 'service could not be started')
        const fault = `It could not be started: ${messageOf(error)}`
        if (again || isAway(this.#options.runtime)) return this.#startAgain(fault.replace(/\.$/, ''))
        this.#set('failed', 'down', fault)
      })
      .finally(() => {
        if (this.#run === run) this.#run = null
      })
  }

  async #bringUp(earlier: readonly Keeper[], signal: AbortSignal): Promise<void> {
    const { runtime } = this.#options
    for (const other of earlier) {
      this.#wait('waiting', `${other.definition.id} is not ready yet`)
      await other.whenReady(signal)
    }
    this.#wait('starting', 'its process to start')
    await runtime.start(this.definition, ({ step }) => this.#wait('starting', step), signal)
    this.#instance = (await runtime.inspect()).get(this.definition.id) ?? null
    for (;;) {
      const { ready, waitsFor } = await this.#probe.ask(signal)
      signal.throwIfAborted()
      if (ready) break
      this.#wait('starting', waitsFor)
      await delay(readyEveryMs, undefined, { signal })
    }
    this.#restarts.noteReady(Date.now())
    this.#set('ready', 'up', null)
  }

  #cancel(): void {
    this.#run?.abort(new Error('no longer wanted'))
    this.#run = null
    this.#comeback?.abort(new Error('no longer wanted'))
    this.#comeback = null
    this.#restartAt = null
  }

  #wait(phase: ServicePhase, waitsFor: string | null): void {
    this.#set(phase, 'starting', waitsFor, waitsFor)
  }

  #set(phase: ServicePhase, state: State, reason: string | null, waitsFor: string | null = null): void {
    this.#phase = phase
    this.#status = observe(this.#status, state, reason, Date.now())
    this.#waitsFor = waitsFor
    this.#options.onChange()
  }
}
