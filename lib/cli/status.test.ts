import { expect, it } from 'vitest'
import type { Overview, StageSnapshot } from '#lib/pipeline/snapshot.ts'
import { observe } from '#lib/pipeline/status.ts'
import { statusText } from './status.ts'

const stage = (id: StageSnapshot['id']): StageSnapshot => ({
  id,
  status: observe(null, 'up', null, 0),
  count: 7,
  countSince: null,
  rate: 0,
  lastMessageAt: null,
  backlog: null,
})

it('calls a backlog unknown that could not be counted, and none where nothing can wait', () => {
  const stack = { phase: 'ready', reason: null, services: [], faults: [] } as Partial<Overview['stack']>
  const overview = { stack, stages: [stage('file'), stage('replay')], run: null } as unknown as Overview
  const [first, second] = statusText(overview, 0)
    .split('\n')
    .filter((line) => /^(file|replay) /.test(line))
  expect(first).not.toContain('unknown')
  expect(second).toContain('unknown')
})
