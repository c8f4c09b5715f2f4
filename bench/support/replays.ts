/** Our replay process on a file, without a console and without a connector: the broker's word is the checkpoint. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { RunOptions, type RunProgress } from '#lib/pipeline/run.ts'
import { sourceConnector } from '#lib/pipeline/stages.ts'
import { RunFolder, stampOf } from '#lib/replay/folder.ts'
import type { Broker } from './broker.ts'

const entry = resolve(import.meta.dirname, '../../lib/replay/main.ts')
let runs = 0

export interface Replay {
  readonly process: ChildProcess
  /** performance.now() just before the process was started. */
  readonly startedAt: number
  /** Resolves to the last progress; rejects unless the run has finished. */
  readonly finished: Promise<RunProgress>
  /** Largest resident memory so far, in MB; Linux only. */
  peakMb(): Promise<number>
}

export async function startReplay(broker: Broker, options: Partial<RunOptions> & { file: string }): Promise<Replay> {
  const id = `bench-${process.pid}-${++runs}`
  const path = join(broker.folder, id)
  await mkdir(path)
  const folder = new RunFolder(path)
  const full = RunOptions.parse(options)
  folder.writeSetup({
    id,
    createdAt: Date.now(),
    fileStamp: stampOf(full.file),
    options: full,
    mqtt: { host: '127.0.0.1', port: broker.port },
    connect: { url: 'http://127.0.0.1:1', connector: sourceConnector },
    checkpoint: 'puback',
    maxUnconfirmed: 20_000,
  })
  folder.writeControl({ version: 1, state: 'running', schedule: full.schedule, seek: null })
  const startedAt = performance.now()
  const child = spawn(process.execPath, [entry, path], { stdio: ['ignore', 'ignore', 'inherit'] })
  const finished = new Promise<void>((done) => child.once('exit', () => done())).then(() => {
    const progress = folder.readProgress()
    if (progress?.state !== 'finished') throw new Error(`the replay ended as ${progress?.state}: ${progress?.reason}`)
    return progress
  })
  return { process: child, startedAt, finished, peakMb: () => peakMb(child.pid) }
}

async function peakMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024
}
