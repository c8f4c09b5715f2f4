import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { listProcesses, parsePsLine, parsePsTime, parseStat, readProcess, residentBytes } from './processes.ts'

describe('what the system tells about a process', () => {
  it('reads /proc/PID/stat past brackets and spaces in the name', () => {
    const rest = ['S', 1, 77, 78, 0, -1, 0, 0, 0, 0, 0, 120, 30, 0, 0, 20, 0, 1, 0, 5_555, 1_000, 10]
    expect(parseStat(`99 (x) y) ${rest.join(' ')}\n`, 'b')).toEqual({
      ...{ pid: 99, group: 77, identity: 'b 5555', cpuMs: 1_500, zombie: false },
    })
  })

  it('reads ps', () => {
    expect(parsePsTime('1-02:03:04')).toBe(93_784_000)
    expect(parsePsTime('00:01.50')).toBe(1_500)
    expect(parsePsLine('   12    10 Ss   0:02.00 Mon Nov  3 10:00:00 2025')).toEqual({
      ...{ pid: 12, group: 10, identity: '- Mon Nov 3 10:00:00 2025', cpuMs: 2_000, zombie: false },
    })
    expect(parsePsLine('')).toBeNull()
  })

  it('finds this process, and none that has ended', async () => {
    const me = await readProcess(process.pid)
    expect(me?.pid).toBe(process.pid)
    expect((await listProcesses()).map(({ pid }) => pid)).toContain(process.pid)
    expect(await residentBytes(process.pid)).toBeGreaterThan(1_000_000)

    const child = spawn('sh', ['-c', 'exit 0'])
    await new Promise((resolve) => child.once('exit', resolve))
    expect(await readProcess(child.pid ?? 0)).toBeNull()
    expect(await residentBytes(child.pid ?? 0)).toBe(0)
  })
})
