import { describe, expect, it } from 'vitest'
import { birdsWaiting, flowPace } from './flow.ts'

describe('a wire', () => {
  it.each([
    [null, 0],
    [0, 0],
    [1, 1],
    [9, 1],
    [10, 2],
    [999, 3],
    [10_000, 5],
    [9_999_999, 5],
  ])('seats a bird for each power of ten: %s waiting, %s birds', (backlog, birds) => {
    expect(birdsWaiting(backlog)).toBe(birds)
  })

  it('stands still where nothing moves and where nothing is known', () => {
    expect(flowPace(0)).toBe('still')
    expect(flowPace(null)).toBe('still')
    expect(flowPace(0.5)).toBe('slow')
    expect(flowPace(100)).toBe('steady')
    expect(flowPace(50_000)).toBe('fast')
  })
})
