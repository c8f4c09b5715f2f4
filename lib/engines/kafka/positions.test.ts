import { expect, test } from 'vitest'
import { earliest, Positions } from './positions.ts'

const at = (offsets: Record<number, bigint>) => {
  const positions = new Positions()
  for (const [partition, offset] of Object.entries(offsets)) positions.set('tweets', Number(partition), offset)
  return positions
}

test('a common reading begins at the earliest place of each partition', () => {
  const common = earliest([at({ 0: 5n, 1: 9n }), at({ 0: 7n, 1: 2n, 2: 1n })])
  // The first has not read partition 2 at all.
  expect([...common.entries()].map((p) => p.offset)).toEqual([5n, 2n, 0n])
})

test('a place never moves back, and offsets beyond 2^53 differ by one', () => {
  const positions = at({ 0: 9_007_199_254_740_992n })
  positions.advance('tweets', 0, 3n)
  expect(positions.hasReached(at({ 0: 9_007_199_254_740_993n }))).toBe(false)
  positions.advance('tweets', 0, 9_007_199_254_740_993n)
  expect(positions.hasReached(at({ 0: 9_007_199_254_740_993n }))).toBe(true)
})

test('a partition that was never read has been reached only while it is empty', () => {
  expect(at({ 0: 1n }).hasReached(at({ 0: 1n, 1: 0n }))).toBe(true)
  expect(at({ 0: 1n }).hasReached(at({ 0: 1n, 1: 1n }))).toBe(false)
})
