/** For the tests of whole replays: the console's side and the real process, with a broker and Connect at the wire. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, vi } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import { RunOptions } from '#lib/pipeline/run.ts'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { readProcess } from '#lib/runtime/process/processes.ts'
import { siteOf } from '#lib/stack/choice.ts'
import { RunFolder } from './folder.ts'
import { Replays, type ReplayTuning } from './index.ts'
import { WireBroker } from './mqtt/wire-broker.ts'
import { WireConnect } from './wire-connect.ts'

export const until = (holds: () => boolean | Promise<boolean>): Promise<unknown> =>
  vi.waitUntil(holds, { timeout: 60_000, interval: 20 })

export const texts = Array.from({ length: 3_000 }, (_, i) => `tweet ${i} é😀`)
const users = JSON.stringify([
  { tweets: texts.slice(0, 1_000), id: 1 },
  { tweets: texts.slice(1_000), id: 2 },
])

/** One home with its broker, its Connect and the console that looks at it now. */
export class Scene {
  readonly home = mkdtempSync(join(tmpdir(), 'aviary-replay-'))
  readonly saved = new Map<string, RunSnapshot>()
  readonly broker: WireBroker
  readonly connect: WireConnect
  replays: Replays

  readonly #tuning: ReplayTuning

  private constructor(broker: WireBroker, connect: WireConnect, tuning: ReplayTuning) {
    this.broker = broker
    this.connect = connect
    this.#tuning = tuning
    this.replays = this.#open()
  }

  static async set(tuning: ReplayTuning = {}): Promise<Scene> {
    const broker = await WireBroker.listen()
    return new Scene(broker, await WireConnect.listen(broker), tuning)
  }

  #open(): Replays {
    const config = loadConfig({
      NODE_ENV: 'test',
      AVIARY_HOME: this.home,
      AVIARY_PORT_MOSQUITTO: String(this.broker.port),
      AVIARY_PORT_CONNECT: String(this.connect.port),
    })
    const repository = {
      save: async (run: RunSnapshot) => void this.saved.set(run.id, run),
      list: async () => [...this.saved.values()],
    }
    const { reach } = siteOf(config, 'process')
    return new Replays({ config, reach, repository, log: pino({ level: 'silent' }), tuning: this.#tuning })
  }

  /** A later console on the same home. */
  async reopen(): Promise<void> {
    this.replays.close()
    this.replays = this.#open()
    await this.replays.adopt()
    await this.replays.goOn()
  }

  file(content = users): string {
    const path = join(this.home, 'tweets.json')
    writeFileSync(path, content)
    return path
  }

  start(options: Partial<RunOptions> = {}) {
    return this.replays.start(
      RunOptions.parse({ schedule: { kind: 'max' }, ...options, file: options.file ?? this.file() }),
    )
  }

  folder(id: string): RunFolder {
    return new RunFolder(join(this.home, 'runs', id))
  }

  progress(id: string): RunSnapshot['progress'] {
    const run = this.replays.get(id)
    if (run === undefined || run === null) throw new Error(`there is no run ${id}`)
    return run.progress
  }

  state(id: string, wanted: string): Promise<unknown> {
    return until(() => this.progress(id).state === wanted)
  }

  /** Process id of the run's process; null when none lives. */
  async living(id: string): Promise<number | null> {
    const recorded = this.folder(id).readProcess()
    if (recorded === null) return null
    return (await readProcess(recorded.pid))?.identity === recorded.identity ? recorded.pid : null
  }

  async kill(id: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<number> {
    const pid = await this.living(id)
    if (pid === null) throw new Error(`run ${id} has no process`)
    process.kill(pid, signal)
    return pid
  }

  /** The text of every seq; fails where one seq ever carried two. */
  sent(): string[] {
    const bySeq = new Map<number, string>()
    for (const { properties, payload } of this.broker.received) {
      const { tweet } = JSON.parse(payload)
      const seq = Number(properties.seq)
      expect(bySeq.get(seq) ?? tweet).toBe(tweet)
      bySeq.set(seq, tweet)
    }
    return [...bySeq].sort(([a], [b]) => a - b).map(([seq, tweet], i) => (seq === i ? tweet : `seq ${i} is missing`))
  }

  async clear(): Promise<void> {
    this.replays.close()
    for (const { id } of this.saved.values()) {
      // It may end by itself just then.
      if ((await this.living(id)) !== null) await this.kill(id).catch(() => {})
      await until(async () => (await this.living(id)) === null)
    }
    await this.connect.close()
    await this.broker.close()
    rmSync(this.home, { recursive: true })
  }
}
