/** The whole of a replay: the console's side, the real process, and a broker and Connect at the wire. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import { endedStates, RunOptions, RunProgress } from '#lib/pipeline/run.ts'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { readProcess } from '#lib/runtime/process/processes.ts'
import { RunFolder } from './folder.ts'
import { Replays } from './index.ts'
import { WireBroker } from './mqtt/wire-broker.ts'
import { WireConnect } from './wire-connect.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 30_000 })
const until = (holds: () => boolean | Promise<boolean>) => vi.waitUntil(holds, { timeout: 60_000, interval: 20 })

let home: string
let broker: WireBroker
let connect: WireConnect
let replays: Replays
let saved: Map<string, RunSnapshot>

const texts = Array.from({ length: 3_000 }, (_, i) => `tweet ${i} é😀`)

function file(
  content = JSON.stringify([
    { tweets: texts.slice(0, 1_000), id: 1 },
    { tweets: texts.slice(1_000), id: 2 },
  ]),
): string {
  const path = join(home, 'tweets.json')
  writeFileSync(path, content)
  return path
}

/** A console on the same home. */
function open(): Replays {
  const config = loadConfig({
    NODE_ENV: 'test',
    AVIARY_HOME: home,
    AVIARY_PORT_MOSQUITTO: String(broker.port),
    AVIARY_PORT_CONNECT: String(connect.port),
  })
  const repository = {
    save: async (run: RunSnapshot) => void saved.set(run.id, run),
    list: async () => [...saved.values()],
  }
  return new Replays({ config, repository, log: pino({ level: 'silent' }) })
}

const folder = (id: string) => new RunFolder(join(home, 'runs', id))
const start = (options: Partial<RunOptions> = {}) =>
  replays.start(RunOptions.parse({ schedule: { kind: 'max' }, ...options, file: options.file ?? file() }))
const progress = (id: string) => replays.get(id)!.progress
const state = (id: string, wanted: string) => until(() => progress(id).state === wanted)

async function living(id: string): Promise<number | null> {
  const recorded = folder(id).readProcess()
  if (recorded === null) return null
  return (await readProcess(recorded.pid))?.identity === recorded.identity ? recorded.pid : null
}

/** The text of every seq; fails where one seq ever carried two. */
function sent(): string[] {
  const bySeq = new Map<number, string>()
  for (const { properties, payload } of broker.received) {
    const { tweet } = JSON.parse(payload)
    const seq = Number(properties.seq)
    expect(bySeq.get(seq) ?? tweet).toBe(tweet)
    bySeq.set(seq, tweet)
  }
  return [...bySeq].sort(([a], [b]) => a - b).map(([seq, tweet], i) => (seq === i ? tweet : `seq ${i} is missing`))
}

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'aviary-replay-'))
  broker = await WireBroker.listen()
  connect = await WireConnect.listen(broker)
  saved = new Map()
  replays = open()
})

afterEach(async () => {
  replays.close()
  for (const { id } of saved.values()) {
    const pid = await living(id)
    if (pid !== null) process.kill(pid, 'SIGKILL')
    await until(async () => (await living(id)) === null)
  }
  await connect.close()
  await broker.close()
  rmSync(home, { recursive: true })
})

describe('a run', () => {
  it('sends the whole file and is finished when the connector has committed it', async () => {
    const seen: string[] = []
    replays.onChange((run) => seen.push(run.progress.state))
    const { id } = await start()
    await state(id, 'finished')
    expect(sent()).toEqual(texts)
    expect(JSON.parse(broker.received[0]!.payload)).toMatchObject({ user_id: 1, tweet: texts[0] })
    expect(progress(id)).toMatchObject({
      read: 3_000,
      sent: 3_000,
      acked: 3_000,
      committed: 2_999,
      resent: 0,
      total: 3_000,
      reason: null,
    })
    expect(RunProgress.parse(progress(id)).endedAt).not.toBeNull()
    expect(seen.at(-1)).toBe('finished')
    await until(() => saved.get(id)?.progress.state === 'finished')
    await until(async () => (await living(id)) === null)
  })

  it('is draining, not finished, while the connector has not committed everything', async () => {
    connect.state = 'PAUSED'
    const { id } = await start({ limit: 10 })
    await state(id, 'draining')
    expect(progress(id)).toMatchObject({ sent: 10, committed: -1 })
    connect.state = 'RUNNING'
    await state(id, 'finished')
  })

  it('counts bad tweets with their place and goes on', async () => {
    const { id } = await start({ file: file('[{"tweets":["a",\n5,"b"],"id":1}]') })
    await state(id, 'finished')
    expect(progress(id)).toMatchObject({
      ...{ read: 3, sent: 2, rejected: 1 },
      rejects: [{ line: 2, column: 1, index: 1, reason: 'the text is not a string' }],
    })
  })

  it('fails where the file breaks, after everything before it was confirmed', async () => {
    const { id } = await start({ file: file('[{"id":1,"tweets":["a","b"]},\n{"id":2,"tweets":["c", oops') })
    await state(id, 'failed')
    expect(sent()).toEqual(['a', 'b', 'c'])
    expect(progress(id)).toMatchObject({
      sent: 3,
      committed: 2,
      reason: 'line 2, column 24: expected a value, found o',
    })
  })

  it('refuses a schedule by file times where the file has none', async () => {
    const { id } = await start({ schedule: { kind: 'file-time', speed: 1 } })
    await state(id, 'failed')
    expect(progress(id).reason).toContain('carry no time')
    await expect(start({ mode: 'shuffle', schedule: { kind: 'file-time', speed: 1 } })).rejects.toMatchObject({
      code: 'invalid',
    })
  })

  it('refuses a second run, a missing file and an unknown run', async () => {
    const { id } = await start({ schedule: { kind: 'interval', seconds: 60 } })
    await expect(start()).rejects.toMatchObject({ code: 'busy', status: 409 })
    await replays.stop(id)
    await state(id, 'stopped')
    await expect(start({ file: join(home, 'none') })).rejects.toMatchObject({ code: 'file' })
    await expect(replays.pause('none')).rejects.toMatchObject({ code: 'missing' })
    await expect(replays.pause(id)).rejects.toMatchObject({ code: 'ended' })
  })
})

describe('steering', () => {
  it('pauses, resumes, changes the schedule, seeks and stops', async () => {
    const { id } = await start({ schedule: { kind: 'rate', perSecond: 50 }, loop: true })
    await until(() => progress(id).sent > 5)
    await replays.pause(id)
    await state(id, 'paused')
    const { sent: held } = folder(id).readProgress()!
    await replays.seek(id, 2_990)
    await replays.setSchedule(id, { kind: 'rate', perSecond: 200 })
    await replays.resume(id)
    await until(() => progress(id).sent > held + 30)
    await replays.stop(id)
    await state(id, 'stopped')
    const all = sent()
    // After the seek to 2,990 the file ends ten tweets later, and begins again.
    const from = all.indexOf(texts[2_990]!)
    expect(from).toBeGreaterThanOrEqual(held)
    expect(all.slice(0, from)).toEqual(texts.slice(0, from))
    expect(all.slice(from)).toEqual([...texts.slice(2_990), ...texts].slice(0, all.length - from))
    expect(progress(id).committed).toBe(progress(id).sent - 1)
  })
})

describe('crashes', () => {
  it.each([['sequential'], ['shuffle'], ['random']] as const)(
    'goes on after kill -9 with the same text for every seq: %s',
    async (mode) => {
      const { id } = await start({ mode, schedule: { kind: 'rate', perSecond: 1_000 }, limit: 2_500 })
      for (const at of [300, 900]) {
        await until(() => broker.received.length > at)
        const pid = await living(id)
        process.kill(pid!, 'SIGKILL')
        await until(async () => ![null, pid].includes(await living(id)))
      }
      await state(id, 'finished')
      const all = sent()
      expect(all).toHaveLength(2_500)
      expect(all.filter((t) => !texts.includes(t))).toEqual([])
      if (mode === 'sequential') expect(all).toEqual(texts.slice(0, 2_500))
      if (mode === 'shuffle') expect(new Set(all).size).toBe(2_500)
    },
  )

  it('repeats seeks and passes after a crash', async () => {
    const { id } = await start({ schedule: { kind: 'rate', perSecond: 300 }, loop: true })
    await until(() => progress(id).sent > 100)
    // From here on the checkpoint stands still, so that the crash goes back to before the seek.
    connect.up = false
    await replays.seek(id, 2_900)
    await until(() =>
      broker.received.some((m) => m.payload.includes(`${texts[40]}"`) && Number(m.properties.seq) > 100),
    )
    process.kill((await living(id))!, 'SIGKILL')
    connect.up = true
    await until(() => progress(id).sent > 500)
    await replays.stop(id)
    await state(id, 'stopped')
    const all = sent()
    const from = all.indexOf(texts[2_900]!)
    expect(all.slice(from)).toEqual([...texts.slice(2_900), ...texts].slice(0, all.length - from))
  })

  it('sends again what the broker lost after acknowledging it', async () => {
    let lost = 0
    connect.keeps = (m) => m.connection > 1 || Number(m.properties.seq) !== 20 || broker.received.indexOf(m) !== lost
    const { id } = await start({ limit: 100 })
    lost = 20
    await state(id, 'finished')
    expect(progress(id)).toMatchObject({ sent: 100, acked: 100, committed: 99, resent: 80 })
  })

  it('outlives the console, which finds it again', async () => {
    const { id } = await start({ schedule: { kind: 'rate', perSecond: 200 }, limit: 600 })
    await until(() => progress(id).sent > 50)
    const pid = await living(id)
    replays.close()
    replays = open()
    await replays.adopt()
    await replays.goOn()
    expect(replays.list().map((run) => run.id)).toEqual([id])
    await until(() => progress(id).sent > 300)
    expect(await living(id)).toBe(pid)
    await state(id, 'finished')
    expect(sent()).toEqual(texts.slice(0, 600))
  })

  it('starts a run again that died with the console, and leaves cleanly on SIGTERM', async () => {
    const { id } = await start({ schedule: { kind: 'rate', perSecond: 500 }, limit: 1_500 })
    await until(() => progress(id).sent > 100)
    replays.close()
    process.kill((await living(id))!, 'SIGTERM')
    await until(async () => (await living(id)) === null)
    expect(endedStates).not.toContain(folder(id).readProgress()?.state)
    replays = open()
    await replays.adopt()
    await replays.goOn()
    await state(id, 'finished')
    expect(sent()).toEqual(texts.slice(0, 1_500))
  })

  it('does not go on with a file that has changed', async () => {
    const { id } = await start({ schedule: { kind: 'rate', perSecond: 100 } })
    await until(() => progress(id).sent > 10)
    replays.close()
    process.kill((await living(id))!, 'SIGKILL')
    file('[{"tweets":["other"],"id":1}]')
    replays = open()
    await replays.adopt()
    await replays.goOn()
    await state(id, 'failed')
    expect(progress(id).reason).toContain('has changed since the run began')
  })

  it('gives up on a process that dies again and again, with its last words', async () => {
    const { id } = await start({ schedule: { kind: 'interval', seconds: 60 } })
    await until(async () => (await living(id)) !== null && progress(id).sent > 0)
    writeFileSync(folder(id).file('options.json'), 'not JSON')
    process.kill((await living(id))!, 'SIGKILL')
    await state(id, 'failed')
    expect(progress(id).reason).toContain('SyntaxError')
  })
})
