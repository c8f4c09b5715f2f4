import { describe, expect, it } from 'vitest'
import type { Ledger } from '#lib/pipeline/ledger.ts'
import { againstSent, olderCountAt, verdictOf } from './verdict.ts'

const none = { p50: null, p95: null, p99: null }
const ledger = (change: Partial<Ledger>): Ledger => ({
  runId: 'r',
  state: 'finished',
  read: 10,
  rejected: 0,
  sent: 10,
  acked: 10,
  kafka: 10,
  kafkaDistinct: 10,
  deadLetters: 0,
  druid: 10,
  druidDistinct: 10,
  druidDistinctAt: 0,
  lost: 0,
  duplicates: 0,
  late: 0,
  latencyMs: none,
  hops: { mqtt: none, connect: none, druid: none },
  countedAt: 0,
  ...change,
})

describe('what a ledger proves', () => {
  it('is exactness only when the run has ended and both figures are known to be 0', () => {
    expect(verdictOf(ledger({}))).toBe('exact')
    expect(verdictOf(ledger({ lost: null }))).toBe('unknown')
    expect(verdictOf(ledger({ duplicates: null }))).toBe('unknown')
    expect(verdictOf(ledger({ state: 'running', lost: null }))).toBe('open')
    expect(verdictOf(null)).toBe('uncounted')
  })

  it('is a fault as soon as one is known, whatever else is not', () => {
    expect(verdictOf(ledger({ lost: 1, duplicates: null }))).toBe('faulty')
    expect(verdictOf(ledger({ lost: null, duplicates: 2 }))).toBe('faulty')
    expect(verdictOf(ledger({ state: 'running', lost: null, duplicates: 2 }))).toBe('faulty')
  })

  it('compares with what was sent only what could be asked', () => {
    expect(againstSent(8, 10)).toBe(-2)
    expect(againstSent(null, 10)).toBeNull()
    expect(againstSent(8, null)).toBeNull()
  })
})

describe('a count of distinct rows', () => {
  it('is compared only when it is as old as the rest', () => {
    expect(olderCountAt(ledger({ countedAt: 6_000, druidDistinctAt: 5_500 }))).toBeNull()
    expect(olderCountAt(ledger({ countedAt: 6_000, druidDistinctAt: 2_000 }))).toBe(2_000)
    expect(olderCountAt(ledger({ druidDistinctAt: null }))).toBeNull()
  })
})
