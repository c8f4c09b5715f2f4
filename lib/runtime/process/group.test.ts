import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { clearGroup, members, sendSignal } from './group.ts'
import { type ProcessInfo, readProcess } from './processes.ts'

const of = { wrapperPid: 10, pid: 11, identity: 'boot-1 500' }
const info = (pid: number, identity: string): ProcessInfo => ({ pid, group: 10, identity, cpuMs: 0, zombie: false })

afterEach(() => vi.restoreAllMocks())

describe('members of a group', () => {
  it.each([
    { what: 'with its wrapper', all: [info(10, 'boot-1 499'), info(11, 'boot-1 500')], living: [10, 11] },
    { what: 'whose wrapper is gone', all: [info(11, 'boot-1 500'), info(12, 'boot-1 600')], living: [11, 12] },
    { what: 'that got its number after us', all: [info(10, 'boot-1 700'), info(12, 'boot-1 701')], living: [] },
    { what: 'of another boot', all: [info(12, 'boot-2 600')], living: [] },
    { what: 'of another boot, with its leader', all: [info(10, 'boot-2 1'), info(12, 'boot-2 2')], living: [] },
  ])('$what', async ({ all, living }) => {
    expect((await members(of, all)).map(({ pid }) => pid)).toEqual(living)
  })
})

describe('a signal', () => {
  const fails = (code: string) =>
    vi.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error(code), { code })
    })

  it.each(['ESRCH', 'EPERM'])('that is answered with %s reached nothing of ours', (code) => {
    fails(code)
    expect(sendSignal(1, 'SIGTERM')).toBe(false)
  })

  it('that cannot be sent for another reason is a fault', () => {
    fails('EINVAL')
    expect(() => sendSignal(1, 'SIGTERM')).toThrow('EINVAL')
  })
})

describe('clearing a group', () => {
  it('gives up on what cannot be killed, and says what is left', async () => {
    const child = spawn('sleep', ['100'], { detached: true })
    await once(child, 'spawn')
    const pid = child.pid ?? 0
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true)
    const group = { wrapperPid: pid, pid, identity: (await readProcess(pid))?.identity ?? '' }
    await expect(clearGroup(group, async () => true, 100)).rejects.toThrow(`process group ${pid}`)
    kill.mockRestore()
    await clearGroup(group, async () => true)
    expect(await readProcess(pid)).toBeNull()
  })
})
