/** Keeps the process of one run alive while the run is wanted, and reads what it reports. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { endedStates, type RunProgress } from '#lib/pipeline/run.ts'
import { readProcess } from '#lib/runtime/process/processes.ts'
import type { RunFolder } from './folder.ts'

const lookEveryMs = 250
/** A process that lived longer than this did not die at once: the count of failures starts again. */
const steadyMs = 10_000
const firstRestartMs = 200
const longestRestartMs = 5_000
/** Deaths in a row, each right after the start, after which the run has failed. */
const mostDeaths = 6
/** A process that was told to leave waits a second for acknowledgements itself. */
const leaveMs = 5_000
const leaveLookMs = 50
const logTailBytes = 2_000

/**
 * A small young generation: tweets die young, and a larger one only grows the process. Collected by the one thread that makes them:
 * helpers would have to be woken and waited for, on cores that the engines need, and every message that is due meanwhile is late.
 */
export const nodeFlags = ['--max-semi-space-size=4', '--single-threaded-gc']

export interface KeeperOptions {
  readonly folder: RunFolder
  /** Path of main.ts. */
  readonly program: string
  /** Where Node keeps compiled code: without it a start spends most of its time on compiling. */
  readonly codeCache: string
  readonly onProgress: (progress: RunProgress) => void
  readonly onRestart: (reason: string) => void
  /** The folder could not be read or written, or the process not be started; it is tried again. */
  readonly onTrouble: (error: unknown) => void
  /** What is known of the run where its process has not said anything, or nothing that can be read. */
  readonly known: () => RunProgress
}

export class Keeper {
  readonly #options: KeeperOptions
  #child: ChildProcess | null = null
  #timer: NodeJS.Timeout | null = null
  #stamp: string | null = null
  #startedAt = 0
  #deaths = 0
  #restartAt = 0
  #looking = false
  #over = false
  #trouble = ''

  constructor(options: KeeperOptions) {
    this.#options = options
  }

  /** Finds the process of an earlier console, or starts one; then watches until the run has ended. */
  async begin(): Promise<void> {
    if (!(await this.#alive())) this.#start()
    this.#timer = setInterval(() => this.#look(), lookEveryMs)
  }

  /** Stops watching; the process lives on. */
  close(): void {
    this.#over = true
    if (this.#timer !== null) clearInterval(this.#timer)
  }

  /** Ends the process and stops watching; the run itself goes on with the next keeper. */
  async leave(): Promise<void> {
    this.close()
    const pid = this.#child?.pid ?? this.#options.folder.readProcess()?.pid
    if (pid === undefined || !(await this.#alive())) return
    signal(pid, 'SIGTERM')
    const until = performance.now() + leaveMs
    while (await this.#alive()) {
      if (performance.now() > until) signal(pid, 'SIGKILL')
      await delay(leaveLookMs)
    }
    this.#read()
  }

  #start(): void {
    const { folder, program, codeCache } = this.#options
    const log = openSync(folder.file('replay.log'), 'a', 0o600)
    try {
      this.#startedAt = performance.now()
      const child = spawn(process.execPath, [...nodeFlags, program, folder.path], {
        detached: true,
        stdio: ['ignore', log, log],
        env: { ...process.env, NODE_COMPILE_CACHE: codeCache },
      })
      this.#child = child
      // Without this a console that ends would wait for the replay.
      child.unref()
      child.on('error', () => {})
      child.on('exit', () => this.#look())
    } finally {
      closeSync(log)
    }
  }

  /** By pid and start time: the pid may long belong to something else. */
  async #alive(): Promise<boolean> {
    const child = this.#child
    if (child !== null) return child.pid !== undefined && child.exitCode === null && child.signalCode === null
    const recorded = this.#options.folder.readProcess()
    if (recorded === null) return false
    return (await readProcess(recorded.pid))?.identity === recorded.identity
  }

  async #look(): Promise<void> {
    if (this.#looking || this.#over) return
    this.#looking = true
    try {
      // Asked before the progress is read, so that the last words of a process are not missed.
      const alive = await this.#alive()
      const progress = this.#read()
      if (progress !== null && endedStates.includes(progress.state)) this.close()
      else if (!alive && !this.#over) this.#revive()
    } catch (error) {
      this.#complain(error)
    } finally {
      this.#looking = false
    }
  }

  #read(): RunProgress | null {
    const { folder, onProgress } = this.#options
    const stamp = folder.stamp('progress.json')
    const progress = this.#lastProgress()
    if (progress !== null && stamp !== this.#stamp) onProgress(progress)
    this.#stamp = stamp
    return progress
  }

  /** null as well where it cannot be read: a process that lives replaces it soon, and one that does not is revived. */
  #lastProgress(): RunProgress | null {
    try {
      return this.#options.folder.readProgress()
    } catch (error) {
      this.#complain(error)
      return null
    }
  }

  /** Once for each trouble, as the folder is looked at several times a second. */
  #complain(error: unknown): void {
    if (String(error) === this.#trouble) return
    this.#trouble = String(error)
    this.#options.onTrouble(error)
  }

  #revive(): void {
    const now = performance.now()
    if (this.#startedAt !== 0 || this.#restartAt === 0) {
      this.#deaths = now - this.#startedAt > steadyMs ? 1 : this.#deaths + 1
      this.#startedAt = 0
      this.#restartAt = now + Math.min(firstRestartMs * 2 ** (this.#deaths - 1), longestRestartMs)
      if (this.#deaths >= mostDeaths) {
        this.fail(
          `The replay process died ${this.#deaths} times right after its start. Its last words: ${this.#lastWords()}`,
        )
        return
      }
      this.#options.onRestart(this.#lastWords())
    }
    if (now >= this.#restartAt) this.#start()
  }

  #lastWords(): string {
    try {
      const text = readFileSync(this.#options.folder.file('replay.log'), 'utf8').slice(-logTailBytes).trim()
      return text === '' ? 'none' : text
    } catch {
      return 'none'
    }
  }

  /** Ends the run from outside, where no process is there to do it. */
  fail(reason: string): void {
    const { folder, onProgress, known } = this.#options
    const progress = this.#lastProgress() ?? known()
    this.close()
    const now = Date.now()
    const failed: RunProgress = { ...progress, state: 'failed', reason, rate: 0, updatedAt: now, endedAt: now }
    try {
      folder.writeProgress(failed)
    } catch (error) {
      // It is told all the same: a run that never ends would keep every new one waiting.
      this.#complain(error)
    }
    onProgress(failed)
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has just ended by itself.
  }
}

/** The replay process's program in a checkout. */
export const programIn = (rootDir: string): string => join(rootDir, 'lib', 'replay', 'main.ts')
