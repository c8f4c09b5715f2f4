/** Replays whose process, console, broker or file fails in the middle. */
import { rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { endedStates } from '#lib/pipeline/run.ts'
import { Scene, texts, until } from './scene.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 30_000 })
let scene: Scene

beforeEach(async () => {
  scene = await Scene.set()
})
afterEach(() => scene.clear())

describe('crashes', () => {
  it.each([['sequential'], ['shuffle'], ['random']] as const)(
    'goes on after kill -9 with the same text for every seq: %s',
    async (mode) => {
      // So slowly that a busy machine too sees it in the middle.
      const { id } = await scene.start({ mode, schedule: { kind: 'rate', perSecond: 400 }, limit: 2_500 })
      for (const at of [300, 900]) {
        await until(() => scene.broker.received.length > at)
        const pid = await scene.kill(id)
        await until(async () => ![null, pid].includes(await scene.living(id)))
      }
      await scene.state(id, 'finished')
      const all = scene.sent()
      expect(all).toHaveLength(2_500)
      expect(all.filter((t) => !texts.includes(t))).toEqual([])
      if (mode === 'sequential') expect(all).toEqual(texts.slice(0, 2_500))
      if (mode === 'shuffle') expect(new Set(all).size).toBe(2_500)
    },
  )

  it('repeats seeks and passes after a crash', async () => {
    const { id } = await scene.start({ schedule: { kind: 'rate', perSecond: 300 }, loop: true })
    await until(() => scene.progress(id).sent > 100)
    // From here on the checkpoint stands still, so that the crash goes back to before the seek.
    scene.connect.up = false
    await scene.replays.seek(id, 2_900)
    await until(() =>
      scene.broker.received.some((m) => m.payload.includes(`${texts[40]}"`) && Number(m.properties.seq) > 100),
    )
    await scene.kill(id)
    scene.connect.up = true
    await until(() => scene.progress(id).sent > 500)
    await scene.replays.stop(id)
    await scene.state(id, 'stopped')
    const all = scene.sent()
    const from = all.indexOf(texts[2_900]!)
    expect(all.slice(from)).toEqual([...texts.slice(2_900), ...texts].slice(0, all.length - from))
  })

  it.each([
    ['with the seqs reserved', true],
    ['without', false],
  ])('gives no seq another text where a seek follows a crash at full speed: %s', async (_, reserved) => {
    await scene.clear()
    scene = await Scene.set({ maxUnconfirmed: 1_000 })
    const { id } = await scene.start({ schedule: { kind: 'interval', seconds: 60 }, loop: true })
    await until(() => scene.progress(id).sent > 0)
    scene.connect.up = false
    const report = scene.progress(id)
    await scene.replays.setSchedule(id, { kind: 'max' })
    await until(() => scene.broker.received.length > 500)
    scene.replays.close()
    await scene.kill(id)
    await until(async () => (await scene.living(id)) === null)
    // As if the disk had been too slow for a newer one.
    scene.folder(id).writeProgress(report)
    if (!reserved) rmSync(scene.folder(id).file('reserved'))
    await scene.replays.seek(id, 2_900)
    const used = Math.max(...scene.broker.received.map((m) => Number(m.properties.seq)))
    await scene.reopen()
    await until(() => scene.broker.connections > 1)
    scene.connect.up = true
    await until(() => scene.progress(id).sent > used + 3_000)
    await scene.replays.stop(id)
    await scene.state(id, 'stopped')
    const all = scene.sent()
    expect(all.filter((text, seq) => text !== texts[seq % texts.length])).not.toEqual([])
  })

  it('seeks without delay after a crash of a slow run', async () => {
    const { id } = await scene.start({ schedule: { kind: 'rate', perSecond: 2 } })
    await until(() => scene.progress(id).sent > 3)
    const pid = await scene.kill(id)
    await until(async () => ![null, pid].includes(await scene.living(id)))
    await scene.replays.seek(id, 2_000)
    await until(() => scene.sent().includes(texts[2_000]!))
    expect(scene.sent().indexOf(texts[2_000]!)).toBeLessThan(200)
  })

  it('sends again what the broker lost after acknowledging it', async () => {
    let lost = 0
    scene.connect.keeps = (m) =>
      m.connection > 1 || Number(m.properties.seq) !== 20 || scene.broker.received.indexOf(m) !== lost
    const { id } = await scene.start({ limit: 100 })
    lost = 20
    await scene.state(id, 'finished')
    expect(scene.progress(id)).toMatchObject({ sent: 100, acked: 100, committed: 99, resent: 80 })
  })

  it('sends nothing again only because Connect is slow to tell what it has committed', async () => {
    scene.connect.offsetsTakeMs = 4_750
    const { id } = await scene.start({ limit: 100 })
    await scene.state(id, 'finished')
    expect(scene.progress(id)).toMatchObject({ sent: 100, committed: 99, resent: 0 })
  })

  it('outlives the console, which finds it again', async () => {
    const { id } = await scene.start({ schedule: { kind: 'rate', perSecond: 200 }, limit: 600 })
    await until(() => scene.progress(id).sent > 50)
    const pid = await scene.living(id)
    await scene.reopen()
    expect(scene.replays.list().map((run) => run.id)).toEqual([id])
    await until(() => scene.progress(id).sent > 300)
    expect(await scene.living(id)).toBe(pid)
    await scene.state(id, 'finished')
    expect(scene.sent()).toEqual(texts.slice(0, 600))
  })

  it('starts a run again that died with the console, and leaves cleanly on SIGTERM', async () => {
    const { id } = await scene.start({ schedule: { kind: 'rate', perSecond: 500 }, limit: 1_500 })
    await until(() => scene.progress(id).sent > 100)
    scene.replays.close()
    await scene.kill(id, 'SIGTERM')
    await until(async () => (await scene.living(id)) === null)
    expect(endedStates).not.toContain(scene.folder(id).readProgress()?.state)
    await scene.reopen()
    await scene.state(id, 'finished')
    expect(scene.sent()).toEqual(texts.slice(0, 1_500))
  })

  it('can be stopped while it is suspended with its stack', async () => {
    const { id } = await scene.start({ schedule: { kind: 'rate', perSecond: 50 } })
    await until(() => scene.progress(id).sent > 10)
    await scene.replays.suspend()
    expect(await scene.living(id)).toBeNull()
    await scene.replays.stop(id)
    await scene.state(id, 'stopped')
  })

  it('can be stopped while the last messages of a file that broke off wait for Connect', async () => {
    scene.connect.keeps = () => false
    const { id } = await scene.start({ file: scene.file('[{"tweets":["one","two"],"id":1},') })
    await scene.state(id, 'draining')
    await scene.replays.stop(id)
    await scene.state(id, 'failed')
    expect(scene.progress(id).reason).toMatch(/line 1/)
  })

  it('does not go on with a file that has changed', async () => {
    const { id } = await scene.start({ schedule: { kind: 'rate', perSecond: 100 } })
    await until(() => scene.progress(id).sent > 10)
    scene.replays.close()
    await scene.kill(id)
    scene.file('[{"tweets":["other"],"id":1}]')
    await scene.reopen()
    await scene.state(id, 'failed')
    expect(scene.progress(id).reason).toContain('has changed since the run began')
  })

  it('gives up on a process that dies again and again, with its last words', async () => {
    const { id } = await scene.start({ schedule: { kind: 'interval', seconds: 60 } })
    await until(async () => (await scene.living(id)) !== null && scene.progress(id).sent > 0)
    writeFileSync(scene.folder(id).file('options.json'), 'not JSON')
    await scene.kill(id)
    await scene.state(id, 'failed')
    expect(scene.progress(id).reason).toContain('SyntaxError')
  })
})
