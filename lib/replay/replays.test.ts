/** The whole of a replay: the console's side, the real process, and a broker and Connect at the wire. */
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RunProgress } from '#lib/pipeline/run.ts'
import { Scene, texts, until } from './scene.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 30_000 })
let scene: Scene

beforeEach(async () => {
  scene = await Scene.set()
})
afterEach(() => scene.clear())

describe('a run', () => {
  it('sends the whole file and is finished when the connector has committed it', async () => {
    const seen: string[] = []
    scene.replays.onChange((run) => seen.push(run.progress.state))
    const { id } = await scene.start()
    await scene.state(id, 'finished')
    expect(scene.sent()).toEqual(texts)
    expect(JSON.parse(scene.broker.received[0]!.payload)).toMatchObject({ user_id: 1, tweet: texts[0] })
    expect(scene.progress(id)).toMatchObject({
      read: 3_000,
      sent: 3_000,
      acked: 3_000,
      committed: 2_999,
      resent: 0,
      total: 3_000,
      reason: null,
    })
    expect(RunProgress.parse(scene.progress(id)).endedAt).not.toBeNull()
    expect(seen.at(-1)).toBe('finished')
    await until(() => scene.saved.get(id)?.progress.state === 'finished')
    await until(async () => (await scene.living(id)) === null)
  })

  it('is draining, not finished, while the connector has not committed everything', async () => {
    scene.connect.state = 'PAUSED'
    const { id } = await scene.start({ limit: 10 })
    await scene.state(id, 'draining')
    expect(scene.progress(id)).toMatchObject({ sent: 10, committed: -1 })
    scene.connect.state = 'RUNNING'
    await scene.state(id, 'finished')
  })

  it('counts bad tweets with their place and goes on', async () => {
    const { id } = await scene.start({ file: scene.file('[{"tweets":["a",\n5,"b"],"id":1}]') })
    await scene.state(id, 'finished')
    expect(scene.progress(id)).toMatchObject({
      ...{ read: 3, sent: 2, rejected: 1 },
      rejects: [{ line: 2, column: 1, index: 1, reason: 'the text is not a string' }],
    })
  })

  it('fails where the file breaks, after everything before it was confirmed', async () => {
    const { id } = await scene.start({ file: scene.file('[{"id":1,"tweets":["a","b"]},\n{"id":2,"tweets":["c", oops') })
    await scene.state(id, 'failed')
    expect(scene.sent()).toEqual(['a', 'b', 'c'])
    expect(scene.progress(id)).toMatchObject({
      sent: 3,
      committed: 2,
      reason: 'line 2, column 24: expected a value, found o',
    })
  })

  it('refuses a schedule by file times where the file has none', async () => {
    const { id } = await scene.start({ schedule: { kind: 'file-time', speed: 1 } })
    await scene.state(id, 'failed')
    expect(scene.progress(id).reason).toContain('carry no time')
    await expect(scene.start({ mode: 'shuffle', schedule: { kind: 'file-time', speed: 1 } })).rejects.toMatchObject({
      code: 'invalid',
    })
  })

  it('refuses a second run, a missing file and an unknown run', async () => {
    const { id } = await scene.start({ schedule: { kind: 'interval', seconds: 60 } })
    await expect(scene.start()).rejects.toMatchObject({ code: 'busy', status: 409 })
    await scene.replays.stop(id)
    await scene.state(id, 'stopped')
    await expect(scene.start({ file: join(scene.home, 'none') })).rejects.toMatchObject({ code: 'file' })
    await expect(scene.replays.pause('none')).rejects.toMatchObject({ code: 'missing' })
    await expect(scene.replays.pause(id)).rejects.toMatchObject({ code: 'ended' })
  })
})

describe('steering', () => {
  it('tells the schedule in force, and stays with it where the file does not fit another', async () => {
    const slow = { kind: 'rate', perSecond: 50 } as const
    const { id } = await scene.start()
    const refused = 'The tweets of this file carry no time'
    await scene.state(id, 'finished')
    expect(scene.progress(id).schedule).toEqual({ kind: 'max' })
    const next = await scene.start({ schedule: { kind: 'interval', seconds: 60 } })
    await until(() => scene.progress(next.id).sent > 0)
    await scene.replays.setSchedule(next.id, slow)
    await until(() => scene.progress(next.id).schedule?.kind === 'rate')
    await scene.replays.setSchedule(next.id, { kind: 'file-time', speed: 1 })
    await until(() => scene.progress(next.id).reason?.includes(refused) ?? false)
    expect(scene.progress(next.id)).toMatchObject({ state: 'running', schedule: slow })
    // The next process is asked for the same, and refuses it as well.
    const pid = await scene.kill(next.id)
    await until(async () => ![null, pid].includes(await scene.living(next.id)))
    const { sent } = scene.progress(next.id)
    await until(() => scene.progress(next.id).sent > sent + 20)
    expect(scene.progress(next.id)).toMatchObject({ state: 'running', schedule: slow })
    expect(scene.progress(next.id).reason).toContain(refused)
    expect(scene.progress(next.id).sent).toBeLessThan(1_000)
    await scene.replays.setSchedule(next.id, { kind: 'rate', perSecond: 60 })
    await until(() => scene.progress(next.id).reason === null)
    expect(RunProgress.parse(scene.progress(next.id)).schedule).toEqual({ kind: 'rate', perSecond: 60 })
  })

  it('pauses, resumes, changes the schedule, seeks and stops', async () => {
    const { id } = await scene.start({ schedule: { kind: 'rate', perSecond: 50 }, loop: true })
    await until(() => scene.progress(id).sent > 5)
    await scene.replays.pause(id)
    await scene.state(id, 'paused')
    const { sent: held } = scene.folder(id).readProgress()!
    await scene.replays.seek(id, 2_990)
    await scene.replays.setSchedule(id, { kind: 'rate', perSecond: 200 })
    await scene.replays.resume(id)
    await until(() => scene.progress(id).sent > held + 30)
    await scene.replays.stop(id)
    await scene.state(id, 'stopped')
    const all = scene.sent()
    // After the seek to 2,990 the file ends ten tweets later, and begins again.
    const from = all.indexOf(texts[2_990]!)
    expect(from).toBeGreaterThanOrEqual(held)
    expect(all.slice(0, from)).toEqual(texts.slice(0, from))
    expect(all.slice(from)).toEqual([...texts.slice(2_990), ...texts].slice(0, all.length - from))
    expect(scene.progress(id).committed).toBe(scene.progress(id).sent - 1)
  })
})
