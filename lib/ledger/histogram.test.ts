import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Histogram } from './histogram.ts'

const exact = (sorted: readonly number[], share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0

test('percentiles are within 1 % of the exact ones', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100_000_000), { minLength: 1, maxLength: 500 }), (values) => {
      const histogram = new Histogram()
      for (const value of values) histogram.add(value)
      const sorted = values.toSorted((a, b) => a - b)
      const { p50, p95, p99 } = histogram.percentiles()
      for (const [found, share] of [
        [p50, 0.5],
        [p95, 0.95],
        [p99, 0.99],
      ] as const)
        expect(Math.abs((found ?? Number.NaN) - exact(sorted, share))).toBeLessThanOrEqual(exact(sorted, share) * 0.01)
    }),
  )
})

test('nothing counted gives no percentile, and a clock that runs backwards counts as 0', () => {
  const histogram = new Histogram()
  expect(histogram.percentiles()).toEqual({ p50: null, p95: null, p99: null })
  histogram.add(-5)
  expect(histogram.percentiles()).toEqual({ p50: 0, p95: 0, p99: 0 })
})
