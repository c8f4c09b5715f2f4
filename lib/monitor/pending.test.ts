import { expect, test } from 'vitest'
import { Pending } from './pending.ts'

const batch = (partition: number, ...offsets: (number | bigint)[]) => ({
  partition,
  records: offsets.map((offset) => ({ key: null, value: null, offset: String(offset), timestamp: '0' })),
})

test('counts records, not the offsets that markers take between them', () => {
  const pending = new Pending()
  expect(pending.count).toBe(0)
  pending.add(batch(0, 0, 1, 2, 4, 5))
  pending.add(batch(0, 6, 9))
  pending.add(batch(1, 12))
  expect(pending.count).toBe(8)
})

test('what was passed on no longer counts, in the middle of a stretch too, until nothing is left', () => {
  const pending = new Pending()
  pending.add(batch(0, 0, 1, 2, 4, 5))
  pending.add(batch(1, 12))
  pending.drop(0, 2n)
  expect(pending.count).toBe(4)
  pending.drop(0, 3n)
  pending.drop(0, 1n)
  pending.drop(7, 100n)
  expect(pending.count).toBe(3)
  pending.drop(0, 6n)
  pending.drop(1, 13n)
  expect(pending.count).toBe(0)
  pending.add(batch(0, 7))
  expect(pending.count).toBe(1)
})

test('a topic made anew begins anew', () => {
  const pending = new Pending()
  pending.add(batch(0, 100, 101, 102))
  pending.add(batch(0, 0, 1))
  expect(pending.count).toBe(2)
  pending.clear()
  expect(pending.count).toBe(0)
})

test('offsets beyond 2^53 stay exact', () => {
  const pending = new Pending()
  const far = 2n ** 60n
  pending.add(batch(0, far, far + 1n, far + 2n))
  pending.drop(0, far + 1n)
  expect(pending.count).toBe(2)
})
