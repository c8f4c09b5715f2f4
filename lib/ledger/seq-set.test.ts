import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SeqSet } from './seq-set.ts'

test('the size is that of a set, whatever comes how often in which order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100_000)), (seqs) => {
      const set = new SeqSet()
      for (const seq of seqs) set.add(seq)
      expect(set.size).toBe(new Set(seqs).size)
    }),
  )
})

test('a position too large to be kept makes the size unknown instead of wrong', () => {
  const set = new SeqSet()
  set.add(7)
  set.add(Number.MAX_SAFE_INTEGER)
  expect(set.size).toBeNull()
})
