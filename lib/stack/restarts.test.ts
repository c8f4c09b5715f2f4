import { describe, expect, it } from 'vitest'
import { Restarts } from './restarts.ts'

describe('restarts of a service that dies', () => {
  it('come later each time, and not more than five times', () => {
    const restarts = new Restarts()
    const pauses = Array.from({ length: 6 }, (_, i) => restarts.noteExit(i))
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, null])
    expect(restarts.count).toBe(5)
  })

  it('are forgotten after ten minutes of being ready, not before', () => {
    const restarts = new Restarts()
    restarts.noteExit(0)
    restarts.noteReady(1_000)
    expect(restarts.noteExit(600_999)).toBe(2_000)
    restarts.noteReady(700_000)
    restarts.noteReady(900_000)
    expect(restarts.noteExit(1_300_000)).toBe(1_000)
  })

  it('count from the beginning when it is started by hand', () => {
    const restarts = new Restarts()
    restarts.noteExit(0)
    restarts.forget()
    expect(restarts.count).toBe(0)
    expect(restarts.noteExit(1)).toBe(1_000)
  })
})
