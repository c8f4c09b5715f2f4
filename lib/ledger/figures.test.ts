import { expect, test } from 'vitest'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { ledgerOf } from './figures.ts'
import { Histogram } from './histogram.ts'

const none = { p50: null, p95: null, p99: null }

function ledgerWith(state: 'running' | 'finished') {
  const run = { id: 'run', progress: { state, read: 2_300, rejected: 3, sent: 2_297, acked: 2_290 } } as RunSnapshot
  const kafka = { total: 2_304, distinct: 2_301, deadLetters: 1, late: 0, mqtt: none, connect: none }
  const figures = { kafka, druid: null, visible: new Histogram(), ingest: new Histogram(), countedAt: 0 }
  return ledgerOf(run, figures, false)
}

test('what is in Kafka was read and sent, also when the run has not told so yet', () => {
  expect(ledgerWith('running')).toMatchObject({ read: 2_305, sent: 2_302, acked: 2_290, lost: null })
})

test('the last word of a run that has ended stands as it is', () => {
  expect(ledgerWith('finished')).toMatchObject({ read: 2_300, sent: 2_297 })
})
