/** Replays whose loop and limit change while they go on, with kill -9 right after the change. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Scene, until } from './scene.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 30_000 })
let scene: Scene

beforeEach(async () => {
  scene = await Scene.set()
})
afterEach(() => scene.clear())

const few = Array.from({ length: 40 }, (_, i) => `short ${i}`)
const file = () => scene.file(JSON.stringify([{ tweets: few, id: 1 }]))
const repeated = (count: number) => Array.from({ length: count }, (_, seq) => few[seq % few.length])

/** kill -9, and no process lives: what comes next is not seen before the next one starts. */
async function killAlone(id: string): Promise<void> {
  scene.replays.close()
  await scene.kill(id)
  await until(async () => (await scene.living(id)) === null)
}

/** Each seq came with the one text it must have, and the connector has every one of them. */
function expectExactly(id: string, total: number): void {
  expect(scene.sent()).toEqual(repeated(total))
  expect(scene.progress(id)).toMatchObject({ sent: total, committed: total - 1, total, reason: null })
}

describe('a loop', () => {
  it('is turned off: the run ends with the pass under way', async () => {
    const { id } = await scene.start({ file: file(), schedule: { kind: 'rate', perSecond: 400 }, loop: true })
    await until(() => scene.progress(id).sent > 100)
    expect(scene.progress(id)).toMatchObject({ bounds: { loop: true, limit: null }, total: null })
    await scene.replays.setBounds(id, { loop: false })
    await scene.state(id, 'finished')
    const { sent, bounds } = scene.progress(id)
    expect([bounds, sent % few.length]).toEqual([{ loop: false, limit: null }, 0])
    expectExactly(id, sent)
  })

  it.each([
    ['before the process has seen it', false],
    ['right after it took effect', true],
  ])('that is turned off ends there too after kill -9 %s', async (_, seen) => {
    const { id } = await scene.start({ file: file(), schedule: { kind: 'rate', perSecond: 60 }, loop: true })
    await until(() => scene.progress(id).sent > 85)
    // The next process begins far behind, at passes that were made while the loop was on.
    scene.connect.up = false
    if (!seen) await killAlone(id)
    await scene.replays.setBounds(id, { loop: false })
    if (seen) {
      await until(() => scene.folder(id).readProgress()?.bounds?.loop === false)
      await killAlone(id)
    }
    const used = scene.sent().length
    scene.connect.up = true
    await scene.reopen()
    await scene.state(id, 'finished')
    const { sent } = scene.progress(id)
    expect(sent % few.length).toBe(0)
    expect(sent - used).toBeLessThan(few.length + (seen ? 0 : 10))
    expectExactly(id, sent)
  })

  it('is turned on for a run that would have ended, and off again', async () => {
    const { id } = await scene.start({ file: file(), schedule: { kind: 'rate', perSecond: 100 } })
    await scene.replays.setBounds(id, { loop: true })
    await until(() => scene.progress(id).sent > 50)
    await scene.replays.setBounds(id, { loop: false })
    await scene.state(id, 'finished')
    const { sent } = scene.progress(id)
    expect([sent > few.length, sent % few.length]).toEqual([true, 0])
    expectExactly(id, sent)
  })
})

describe('a limit', () => {
  it('is raised, lowered, and never below what is sent', async () => {
    const { id } = await scene.start({
      file: file(),
      schedule: { kind: 'rate', perSecond: 100 },
      loop: true,
      limit: 50,
    })
    await scene.replays.setBounds(id, { limit: null })
    await until(() => scene.progress(id).sent > 60)
    await expect(scene.replays.setBounds(id, { limit: 60 })).rejects.toMatchObject({
      ...{ code: 'invalid', status: 422 },
      message: expect.stringMatching(/has sent \d+ messages already, so it cannot end at 60\./),
    })
    const limit = scene.progress(id).sent + 300
    await scene.replays.setBounds(id, { limit })
    await until(() => scene.progress(id).total === limit)
    await scene.state(id, 'finished')
    expectExactly(id, limit)
  })

  it('that comes too late ends the run with what is sent', async () => {
    const { id } = await scene.start({ file: file(), loop: true })
    await until(() => scene.progress(id).sent > 0)
    // At full speed it lies behind before the process has seen it.
    await scene.replays.setBounds(id, { limit: scene.progress(id).sent })
    await scene.state(id, 'finished')
    expectExactly(id, scene.progress(id).sent)
  })

  it('that a killed process may have passed ends the run beyond what it can have sent', async () => {
    const { id } = await scene.start({ file: file(), schedule: { kind: 'rate', perSecond: 300 }, loop: true })
    await until(() => scene.progress(id).sent > 20)
    scene.connect.up = false
    // What the console knows, and as if the disk had been too slow for a newer report.
    scene.replays.close()
    const report = scene.progress(id)
    await until(() => scene.broker.received.length > report.sent + 200)
    await killAlone(id)
    scene.folder(id).writeProgress(report)
    await scene.replays.setBounds(id, { limit: report.sent + 1 })
    const used = scene.sent().length
    scene.connect.up = true
    await scene.reopen()
    await scene.state(id, 'finished')
    expect(scene.progress(id).sent).toBeGreaterThanOrEqual(used)
    expectExactly(id, scene.progress(id).sent)
  })

  it('holds after kill -9 right after the change', async () => {
    const { id } = await scene.start({ file: file(), schedule: { kind: 'rate', perSecond: 100 }, loop: true })
    await until(() => scene.progress(id).sent > 30)
    const limit = scene.progress(id).sent + 300
    await scene.replays.setBounds(id, { limit })
    await killAlone(id)
    await scene.reopen()
    await scene.state(id, 'finished')
    expectExactly(id, limit)
  })
})
