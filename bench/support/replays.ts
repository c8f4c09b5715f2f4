/** Our replay process on a file, without a console; with a connector as its checkpoint, or with the broker's word for it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { RunOptions, type RunProgress } from '#lib/pipeline/run.ts'
import { sourceConnector } from '#lib/pipeline/stages.ts'
import { RunFolder, stampOf } from '#lib/replay/folder.ts'
import { nodeFlags } from '#lib/replay/keeper.ts'

const entry = resolve(import.meta.dirname, '../../lib/replay/main.ts')
let runs = 0

export interface Line {
  /** A folder for the run. */
  readonly folder: string
  /** Of Mosquitto. */
  readonly port: number
  /** REST address of Kafka Connect; without it the broker's acknowledgement is the checkpoint. */
  readonly connect?: string
}

export interface Replay {
  readonly id: string
  readonly process: ChildProcess
  /** performance.now() just before the process was started. */
  readonly startedAt: number
  /** Resolves to the last progress; rejects unless the run has finished. */
  readonly finished: Promise<RunProgress>
  /** Largest resident memory so far, in MB; Linux only. */
  peakMb(): Promise<number>
}

export async function startReplay(line: Line, options: Partial<RunOptions> & { file: string }): Promise<Replay> {
  const id = `bench-${process.pid}-${++runs}`
  const path = join(line.folder, id)
  await mkdir(path)
  const folder = new RunFolder(path)
  const full = RunOptions.parse(options)
  folder.writeSetup({
    id,
    createdAt: Date.now(),
    fileStamp: stampOf(full.file),
    options: full,
    mqtt: { host: '127.0.0.1', port: line.port },
    connect: { url: line.connect ?? '', connector: sourceConnector },
    checkpoint: line.connect === undefined ? 'puback' : 'connect',
    maxUnconfirmed: 40_000,
  })
  folder.writeControl({ version: 1, state: 'running', schedule: full.schedule, seek: null })
  const startedAt = performance.now()
  const child = spawn(process.execPath, [...nodeFlags, entry, path], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(line.folder, 'code-cache') },
  })
  const finished = new Promise<void>((done) => child.once('exit', () => done())).then(() => {
    const progress = folder.readProgress()
    if (progress?.state !== 'finished') throw new Error(`the replay ended as ${progress?.state}: ${progress?.reason}`)
    return progress
  })
  return { id, process: child, startedAt, finished, peakMb: () => peakMb(child.pid) }
}

async function peakMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024
}
