/**
 * The folder of a run, AVIARY_HOME/runs/<id>: how the console and the replay process speak with each other, and how
 * each finds the other again after a crash. Every file is replaced as a whole, but `positions` and `replay.log` grow,
 * and `reserved` is written over in place.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MqttAddress } from '#lib/external.ts'
import type { Bounds, RunOptions, RunProgress, Schedule } from '#lib/pipeline/run.ts'

/** `puback` believes the broker, for benchmarks without a connector; `connect` is the checkpoint of real runs. */
export type CheckpointKind = 'connect' | 'puback'

/** options.json: written by the console before it starts the process. */
export interface RunSetup {
  readonly id: string
  readonly createdAt: number
  /** Size and time of the tweets file when the run began: a changed file cannot give the same messages again. */
  readonly fileStamp: string
  readonly options: RunOptions
  /** With the password of a broker that asks for one; nobody but the owner reads this file. */
  readonly mqtt: MqttAddress
  /** REST address of Kafka Connect, without a slash at the end, and the connector's name. */
  readonly connect: { readonly url: string; readonly connector: string }
  readonly checkpoint: CheckpointKind
  /** Messages that may be sent beyond the checkpoint. */
  readonly maxUnconfirmed: number
}

export function stampOf(file: string): string {
  const { size, mtimeMs } = statSync(file)
  return `${size}-${mtimeMs}`
}

/** control.json: what the console wants. Each change has a higher version. */
export interface Control {
  readonly version: number
  readonly state: 'running' | 'paused' | 'stopped'
  readonly schedule: Schedule
  /** Absent until they are changed: as in the options. */
  readonly bounds?: Bounds
  /** The last seek that was asked for, done once for its version. */
  readonly seek: { readonly version: number; readonly index: number } | null
}

/** pid.json: the process of the run, with what tells it from a later one of the same pid (ProcessInfo.identity). */
export interface RunProcess {
  readonly pid: number
  readonly identity: string
}

/** Reads and replaces the files of one run. */
export class RunFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  file(name: string): string {
    return join(this.path, name)
  }

  readSetup(): RunSetup {
    const setup = this.#read<RunSetup>('options.json')
    if (setup === null) throw new Error(`${this.file('options.json')} is missing`)
    return setup
  }

  readControl(): Control | null {
    return this.#read('control.json')
  }

  readProgress(): RunProgress | null {
    return this.#read('progress.json')
  }

  readProcess(): RunProcess | null {
    return this.#read('pid.json')
  }

  writeSetup(setup: RunSetup): void {
    this.#replace('options.json', setup)
  }

  writeControl(control: Control): void {
    this.#replace('control.json', control)
  }

  /** The last word of a process. */
  writeProgress(progress: RunProgress): void {
    this.#replace('progress.json', progress)
  }

  /** Not synced: after a power cut an older one does, because the checkpoint lies elsewhere. One call at a time. */
  async reportProgress(progress: RunProgress): Promise<void> {
    const path = this.file('progress.json')
    await writeFile(`${path}.new`, JSON.stringify(progress), { mode: 0o600 })
    await rename(`${path}.new`, path)
  }

  writeProcess(process: RunProcess): void {
    this.#replace('pid.json', process)
  }

  /** Changes whenever the file was replaced; null where there is none. */
  stamp(name: 'control.json' | 'progress.json'): string | null {
    const stat = statSync(this.file(name), { throwIfNoEntry: false, bigint: true })
    return stat === undefined ? null : `${stat.ino}-${stat.mtimeNs}`
  }

  #read<T>(name: string): T | null {
    try {
      return JSON.parse(readFileSync(this.file(name), 'utf8'))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }

  #replace(name: string, value: unknown): void {
    const path = this.file(name)
    const fd = openSync(`${path}.new`, 'w', 0o600)
    try {
      writeSync(fd, JSON.stringify(value))
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(`${path}.new`, path)
  }
}
