import { describe, expect, test } from 'vitest'
import type { EngineStatus } from '#lib/engines/engine.ts'
import { type Flow, noFlow, stalledAfterMs } from '#lib/pipeline/flow.ts'
import type { ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import { engineIds, stageIds } from '#lib/pipeline/stages.ts'
import { observe, type State } from '#lib/pipeline/status.ts'
import { type Look, stages } from './stages.ts'

const now = 1_000_000

const status = (state: State, reason: string | null = null): EngineStatus => ({
  ...observe(null, state, reason, now),
  engine: 'kafka',
  parts: [],
  held: false,
})

const service = (engine: ServiceSnapshot['engine'], state: State, waitsFor: string | null): ServiceSnapshot => ({
  ...{ id: 'kafka', engine, phase: 'starting', status: status(state), waitsFor, version: '1', handle: null },
  ...{ address: null, runtime: 'process' as const, artifacts: [], image: null, probe: null, needs: [], dependents: [] },
  ...{ startedAt: null, restarts: 0, restartsSince: null, restartAt: null, exit: null, lastLog: [], ports: [] },
  ...{ cpuPercent: null, rssBytes: null, replicas: null },
})

const look = (changes: Partial<Look>): Look => ({
  run: null,
  comparable: true,
  readings: Object.fromEntries(stageIds.map((id) => [id, { total: null, since: null }])) as Look['readings'],
  flow: noFlow,
  engines: Object.fromEntries(engineIds.map((id) => [id, status('up')])) as Look['engines'],
  services: [],
  lastAt: {},
  ...changes,
})

const statusOf = (id: string, changes: Partial<Look>) => stages(look(changes), [], now).find((s) => s.id === id)?.status

describe('a stage', () => {
  const down = { ...look({}).engines, kafka: status('down', 'nothing listens') }

  test('is as its engine says', () => {
    expect(statusOf('kafka', { engines: down })).toMatchObject({ state: 'down', reason: 'nothing listens' })
    expect(statusOf('kafka', { engines: { ...down, kafka: null } })).toMatchObject({ state: 'unknown' })
  })

  test('is starting while a service of its own does, and says what that waits for', () => {
    const services = [service('kafka', 'starting', 'its port')]
    expect(statusOf('kafka', { engines: down, services })).toMatchObject({
      state: 'starting',
      reason: 'kafka: its port',
    })
    expect(statusOf('kafka', { services })).toMatchObject({ state: 'up' })
  })

  test('is down, not starting, when its service has died or another starts', () => {
    for (const services of [[service('kafka', 'down', null)], [service('druid', 'starting', 'its port')]])
      expect(statusOf('kafka', { engines: down, services })).toMatchObject({ state: 'down' })
  })

  test('is unknown, not down, while it cannot be asked whether its service runs', () => {
    expect(statusOf('kafka', { engines: down, services: [service('kafka', 'unknown', null)] })).toMatchObject({
      state: 'unknown',
    })
  })

  test('is degraded when messages come in and none goes on, whatever its engine says', () => {
    const flow: Flow = { ...noFlow, kafka: { ...noFlow.kafka, waitingSince: now - stalledAfterMs } }
    expect(statusOf('kafka', { flow })).toMatchObject({ state: 'degraded', reason: expect.stringContaining('10 s') })
  })

  test('has a backlog only where both sides could be asked, never a negative one', () => {
    const counts = (mosquitto: number | null, connect: number | null, comparable = true) => {
      const readings = { ...look({}).readings }
      Object.assign(readings, { mosquitto: { total: mosquitto, since: 0 }, connect: { total: connect, since: 0 } })
      return stages(look({ readings, comparable }), [], now).find((s) => s.id === 'connect')?.backlog
    }
    expect([counts(10, 4), counts(4, 10), counts(null, 4), counts(4, null)]).toEqual([6, 0, null, null])
    expect(counts(10, 4, false)).toBeNull()
  })
})
