/** Kafka Connect, between Mosquitto and Kafka on the line: its connector carries the messages over, exactly once. */
import type { Change, Engine, EngineStatus } from '#lib/engines/engine.ts'
import { EngineError } from '#lib/engines/errors.ts'
import { type Findings, Observer } from '#lib/engines/observer.ts'
import type { ConnectorSnapshot } from '#lib/pipeline/snapshot.ts'
import { sourceConnector } from '#lib/pipeline/stages.ts'
import { ConnectClient } from './client.ts'
import { type MqttAddress, redact, runOf, sourceConfig } from './desired.ts'
import { Healer } from './healer.ts'
import { type ConnectorReport, judgeTask, reports } from './states.ts'

export { services } from './services.ts'

export interface ConnectOptions {
  /** Of the REST interface, without a trailing slash. */
  readonly url: string
  /** Where the connector finds Mosquitto. */
  readonly mqtt: MqttAddress
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
  /** As the last probe saw them; null when it could not ask. */
  connectors(): readonly ConnectorSnapshot[] | null
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

export function createConnect({ url, mqtt }: ConnectOptions): ConnectEngine {
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
    provision: async (signal) => [await provisionSource(client, sourceConfig(mqtt), signal)],
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
  const source = seen.find((c) => c.name === sourceConnector)
  if (source === undefined)
    return { state: 'degraded', reason: `The connector ${sourceConnector} does not exist yet.`, parts }
  // Connect itself answers: a failed task leaves it degraded, not down.
  const { state } = source.finding
  return { ...source.finding, state: state === 'down' ? 'degraded' : state, parts }
}

async function provisionSource(
  client: ConnectClient,
  wanted: Record<string, string>,
  signal: AbortSignal,
): Promise<Change> {
  const change = { engine: 'connect' as const, subject: `connector ${sourceConnector}` }
  const present = await client.config(sourceConnector, signal)
  if (present !== null && same(present, { ...wanted, name: sourceConnector })) return { ...change, action: 'unchanged' }
  try {
    await client.putConfig(sourceConnector, wanted, signal)
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
