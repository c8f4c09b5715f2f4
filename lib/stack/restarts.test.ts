import { describe, expect, it } from 'vitest'
import { Restarts } from './restarts.ts'

describe('restarts of a service that dies', () => {
  it('come later each time, and not more than five times', () => {
    const restarts = new Restarts()
    const pauses = Array.from({ length: 6 }, (_, i) => restarts.noteExit(i))
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, null])
    expect(restarts.total).toBe(5)
  })

  it('begin a new series once it has been ready for a minute, not before', () => {
    const restarts = new Restarts()
    restarts.noteExit(0)
    restarts.noteReady(1_000)
    expect(restarts.noteExit(60_999)).toBe(2_000)
    restarts.noteReady(70_000)
    restarts.noteReady(90_000)
    expect(restarts.noteExit(130_000)).toBe(1_000)
  })

  it('are never used up by ends that lie apart, and are all counted', () => {
    const restarts = new Restarts()
    for (let minute = 0; minute < 12; minute += 2) {
      expect(restarts.noteExit(minute * 60_000)).toBe(1_000)
      restarts.noteReady(minute * 60_000 + 10_000)
    }
    expect(restarts.total).toBe(6)
  })

  it('are not used up by ends for want of another service', () => {
    const restarts = new Restarts()
    restarts.noteReady(0)
    for (let i = 0; i < 9; i++) restarts.noteBlocked()
    expect(restarts.noteExit(100_000)).toBe(1_000)
    expect(restarts.total).toBe(10)
  })

  it('count from the beginning when it is started by hand', () => {
    const restarts = new Restarts()
    restarts.noteExit(0)
    restarts.forget(7)
    expect([restarts.total, restarts.since]).toEqual([0, 7])
    expect(restarts.noteExit(1)).toBe(1_000)
  })
})
