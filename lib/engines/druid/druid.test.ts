import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseExact } from '#lib/engines/json.ts'
import { includes } from './compare.ts'
import { supervisorSpec } from './desired.ts'
import { SupervisorStatus } from './schemas.ts'
import { offsetsOldAfterMs, supervisorReport } from './supervisor.ts'

/** Replies of a real Druid 33. */
const reply = (name: string) => parseExact(readFileSync(join(import.meta.dirname, 'replies', name), 'utf8'))
const status = SupervisorStatus.parse(reply('status.json'))
const readAt = Date.parse(status.payload.offsetsLastUpdated ?? '')

const answering = new Set(status.payload.activeTasks.map(({ id }) => id))

const reportOf = (changes: Partial<SupervisorStatus['payload']>, now = readAt + 1_000, answers = answering) =>
  supervisorReport({ id: status.id, payload: { ...status.payload, ...changes } }, answers, now)

test('the spec that Druid gives back, with its defaults filled in, is recognised as the wanted one', () => {
  expect(includes(reply('supervisor.json'), supervisorSpec('127.0.0.1:29092'))).toBe(true)
})

test('any other wish is noticed', () => {
  const present = reply('supervisor.json')
  expect(includes(present, supervisorSpec('127.0.0.1:9092'))).toBe(false)
  expect(includes(present, { spec: { ioConfig: { taskDuration: 'PT2H' } } })).toBe(false)
  expect(includes(present, { spec: { ioConfig: { taskDuration: 'PT60M' } } })).toBe(true)
  expect(includes(present, { spec: { dataSchema: { dimensionsSpec: { dimensions: [] } } } })).toBe(false)
  expect(includes(null, {})).toBe(false)
})

test('a supervisor that reads is up, with its lag by partition', () => {
  const report = reportOf({})
  expect(report.finding).toEqual({ state: 'up', reason: null })
  expect(report.partitions.map((p) => p.partition)).toEqual([0, 1, 2])
  expect(report.partitions.every((p) => p.lag !== null && p.offset !== null && p.latest !== null)).toBe(true)
})

test('RUNNING is not believed when the offsets are old: the lag is unknown, not 0', () => {
  const report = reportOf({ aggregateLag: 0 }, readAt + offsetsOldAfterMs + 1)
  expect(report.state).toBe('RUNNING')
  expect(report.finding.state).toBe('degraded')
  expect(report.aggregateLag).toBeNull()
  expect(report.partitions.every((p) => p.lag === null)).toBe(true)
})

test('offsets beyond 2^53 keep every digit', () => {
  const [task] = status.payload.activeTasks
  const offset = '9007199254740993'
  const report = reportOf({ activeTasks: [{ id: task?.id ?? '', currentOffsets: { 0: offset } }] })
  expect(report.partitions[0]?.offset).toBe(offset)
})

test.each([
  [{ suspended: true }, 'degraded'],
  [{ healthy: false, detailedState: 'UNABLE_TO_CONNECT_TO_STREAM' }, 'degraded'],
  [{ activeTasks: [] }, 'starting'],
  [{ detailedState: 'CREATING_TASKS' }, 'starting'],
] as const)('with %j it is %s, and says why', (changes, state) => {
  const { finding } = reportOf(changes as Partial<SupervisorStatus['payload']>)
  expect(finding.state).toBe(state)
  expect(finding.reason).not.toBeNull()
})

test('a supervisor that has just begun is up once its task answers; its lag is unknown', () => {
  const report = reportOf({ offsetsLastUpdated: null })
  expect(report.finding).toEqual({ state: 'up', reason: null })
  expect(report.aggregateLag).toBeNull()
})

test('a task that does not answer is starting when it never read, and gone when it did', () => {
  const [task] = status.payload.activeTasks
  const silent = new Set<string>()
  expect(reportOf({}, readAt, silent).finding).toMatchObject({
    state: 'degraded',
    reason: expect.stringContaining(`${task?.id} does not answer any more`),
  })
  expect(reportOf({ activeTasks: [{ id: 'new', currentOffsets: {} }] }, readAt, silent).finding).toEqual({
    state: 'starting',
    reason: 'Task new is starting.',
  })
})

test('a suspended supervisor is held: nobody need wait for it', () => {
  expect(reportOf({ suspended: true }).finding.held).toBe(true)
  expect(reportOf({ activeTasks: [] }).finding.held ?? false).toBe(false)
})
