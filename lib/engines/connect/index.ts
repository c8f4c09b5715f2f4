/**
 * Kafka Connect, between Mosquitto and Kafka on the line: its source carries the messages over, exactly once. Beside the line
 * its sink lands them, exactly once too, where Hive reads them.
 */
import type { Change, Engine, EngineStatus } from '#lib/engines/engine.ts'
import { EngineError } from '#lib/engines/errors.ts'
import { type Finding, type Findings, Observer } from '#lib/engines/observer.ts'
import type { ConnectorSnapshot } from '#lib/pipeline/snapshot.ts'
import { landingConnector, sourceConnector } from '#lib/pipeline/stages.ts'
import { ConnectClient } from './client.ts'
import { landingConfig, redact, runOf, type SourceEnds, sourceConfig } from './desired.ts'
import { Healer } from './healer.ts'
import { type ConnectorReport, judgeTask, reports } from './states.ts'

export { groupOf } from './desired.ts'
export { services } from './services.ts'

export interface ConnectOptions extends SourceEnds {
  /** Of the REST interface, without a trailing slash. */
  readonly url: string
  /** Absolute path of the folder in which the sink lands the topic, as the worker sees it. */
  readonly landingDir: string
}

/** What the connector has committed of a run, in the transaction of the records themselves. */
export interface CommittedRun {
  readonly runId: string
  /** Highest seq without a gap below it, a decimal; -1 for none. */
  readonly seq: string
  /** Closed ranges above it while gaps exist: `5-7,9-9`. */
  readonly above: string
}

export interface ConnectEngine extends Engine {
  /** As the last probe saw them; null when it could not ask. How far a sink is behind, Kafka knows. */
  connectors(): readonly Omit<ConnectorSnapshot, 'behind'>[] | null
  /** With secrets hidden; null when there is no such connector. Throws EngineError. */
  config(name: string, signal: AbortSignal): Promise<Record<string, string> | null>
  /** Null when the connector does not exist. Throws EngineError. */
  committed(name: string, signal: AbortSignal): Promise<CommittedRun[] | null>
  pause(name: string, signal: AbortSignal): Promise<void>
  resume(name: string, signal: AbortSignal): Promise<void>
  /** The connector and all its tasks. */
  restart(name: string, signal: AbortSignal): Promise<void>
  restartTask(name: string, task: number, signal: AbortSignal): Promise<void>
  /**
   * The watchdog: restarts what the last probe saw failed, with growing pauses while it does not help, because a task
   * stays failed after an outage longer than its transaction timeout. Returns the connectors that it restarted.
   */
  heal(signal: AbortSignal): Promise<string[]>
}

export function createConnect({ url, landingDir, ...ends }: ConnectOptions): ConnectEngine {
  const client = new ConnectClient(url)
  const observer = new Observer('connect')
  const healer = new Healer()
  let seen: ConnectorReport[] | null = null

  const ask = async (signal: AbortSignal): Promise<Findings> => {
    try {
      seen = reports(await client.connectors(signal))
    } catch (error) {
      seen = null
      throw error
    }
    return findings(seen)
  }
  return {
    id: 'connect',
    probe: (signal): Promise<EngineStatus> => observer.probe(() => ask(signal)),
    provision: async (signal) => [
      await provisionConnector(client, sourceConnector, sourceConfig(ends), signal),
      await provisionConnector(client, landingConnector, landingConfig(landingDir), signal),
    ],
    connectors: () =>
      seen?.map(({ finding: _, ...report }) => ({ ...report, status: observer.part(connectorPart(report.name)) })) ??
      null,
    config: async (name, signal) => {
      const config = await client.config(name, signal)
      return config && redact(config)
    },
    committed: async (name, signal) => {
      const found = await client.offsets(name, signal)
      return (
        found?.offsets.flatMap(({ partition, offset }) => {
          const runId = runOf(partition)
          return runId === null || offset === null ? [] : [{ runId, seq: offset.seq, above: offset.above ?? '' }]
        }) ?? null
      )
    },
    pause: client.pause,
    resume: client.resume,
    restart: (name, signal) => client.restart(name, { onlyFailed: false }, signal),
    restartTask: (name, task, signal) => client.restartTask(name, task, signal),
    heal: (signal) => healer.heal(seen ?? [], (name) => client.restart(name, { onlyFailed: true }, signal)),
    close: () => client.close(),
  }
}

const connectorPart = (name: string) => `connector ${name}`

function findings(seen: readonly ConnectorReport[]): Findings {
  const parts = seen.flatMap((c) => [
    { part: connectorPart(c.name), ...c.finding },
    ...c.tasks.map((task) => ({ part: `task ${c.name}/${task.id}`, ...judgeTask(task) })),
  ])
  // The source first: without it nothing flows that the sink could land.
  const found = [sourceConnector, landingConnector].map((name) => wantedConnector(name, seen))
  return { ...(found.find(({ state }) => state !== 'up') ?? { state: 'up', reason: null }), parts }
}

function wantedConnector(name: string, seen: readonly ConnectorReport[]): Finding {
  const finding = seen.find((connector) => connector.name === name)?.finding
  if (finding === undefined) return { state: 'degraded', reason: `The connector ${name} does not exist yet.` }
  // Connect itself answers: a failed task leaves it degraded, not down.
  const state = finding.state === 'down' ? 'degraded' : finding.state
  const named = finding.reason === null || finding.reason.includes(name)
  return { ...finding, state, reason: named ? finding.reason : `${name}: ${finding.reason}` }
}

async function provisionConnector(
  client: ConnectClient,
  name: string,
  wanted: Record<string, string>,
  signal: AbortSignal,
): Promise<Change> {
  const change = { engine: 'connect' as const, subject: `connector ${name}` }
  const present = await client.config(name, signal)
  if (present !== null && same(present, { ...wanted, name })) return { ...change, action: 'unchanged' }
  try {
    await client.putConfig(name, wanted, signal)
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'rejected') throw error
    throw new EngineError('connect', 'rejected', error.message, {
      hint: 'Check that the connector lies in the worker’s plugin path and that exactly-once source support is enabled.',
      cause: error.cause,
    })
  }
  return { ...change, action: present === null ? 'created' : 'updated' }
}

function same(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}
