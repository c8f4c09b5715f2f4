/** Druid through its Router: SQL at the Broker, supervisors at the Overlord, segments at the Coordinator. Every call throws EngineError. */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { EngineError, lookElsewhere } from '#lib/engines/errors.ts'
import { HttpClient, HttpRejection, httpStatus } from '#lib/engines/http.ts'
import { type DruidAddress, isExternal } from '#lib/external.ts'
import type { SqlTable } from '#lib/pipeline/sql.ts'
import { datasource } from '#lib/pipeline/stages.ts'
import { Lookups } from './lookups.ts'
import { SqlReply, SupervisorIds, SupervisorStats, SupervisorStatus } from './schemas.ts'

export interface SqlOptions {
  readonly signal: AbortSignal
  /** For the `?` of the query, in order; bigint for 64-bit integers. */
  readonly parameters?: readonly (string | number | bigint)[]
  readonly timeoutMs?: number
  /** Most rows to answer, whatever the query asks for. */
  readonly limit?: number
}

const supervisors = '/druid/indexer/v1/supervisor'
const supervisorPath = (id: string, rest = '') => `${supervisors}/${encodeURIComponent(id)}${rest}`
/** A task that lives answers the Overlord within milliseconds; for a dead one it tries on for ten seconds. */
const tasksWithinMs = 2_000
const sqlPath = '/druid/v2/sql'
const sqlTimeoutMs = 10_000
/** Druid's own time limit comes first, because its message says more than ours. */
const sqlGraceMs = 1_000

function sqlParameter(value: string | number | bigint) {
  if (typeof value === 'bigint') return { type: 'BIGINT', value }
  return typeof value === 'string' ? { type: 'VARCHAR', value } : { type: 'DOUBLE', value }
}

export class DruidClient {
  readonly #http: HttpClient
  readonly lookups: Lookups
  /** Where it is, if Aviary does not run it: then there may be more in it than is ours. */
  readonly elsewhere: string | null

  constructor(address: DruidAddress) {
    const { url, ca, login } = address
    this.elsewhere = isExternal(address) ? url : null
    this.#http = new HttpClient({
      ...{ engine: 'druid', name: 'Druid', url, ca: ca ?? null, login: login ?? null },
      unreachableHint: this.elsewhere === null ? 'Start the service druid-router.' : lookElsewhere,
    })
    this.lookups = new Lookups(this.#http)
  }

  async sql(
    query: string,
    { signal, parameters = [], timeoutMs = sqlTimeoutMs, limit }: SqlOptions,
  ): Promise<SqlTable> {
    const sqlQueryId = randomUUID()
    const context = { sqlQueryId, timeout: timeoutMs, ...(limit !== undefined && { sqlOuterLimit: limit }) }
    const body = { query, resultFormat: 'array', header: true, parameters: parameters.map(sqlParameter), context }
    try {
      const [names = [], ...rows] = await this.#http.call({
        method: 'POST',
        path: sqlPath,
        body,
        schema: SqlReply,
        signal,
        timeoutMs: timeoutMs + sqlGraceMs,
        maxBytes: 32 * 1024 * 1024,
      })
      return { columns: names.map(String), rows }
    } catch (error) {
      if (signal.aborted || (error instanceof EngineError && error.code === 'timeout')) this.#cancel(sqlQueryId)
      throw error
    }
  }

  /** Of the Router. */
  async version(signal: AbortSignal): Promise<string> {
    return (await this.#http.call({ path: '/status', schema: z.object({ version: z.string() }), signal })).version
  }

  /** Those of others are not ours to show, nor to wait for. */
  async supervisorIds(signal: AbortSignal): Promise<string[]> {
    const ids = await this.#http.call({ path: supervisors, schema: SupervisorIds, signal })
    return this.elsewhere === null ? ids : ids.filter((id) => id === datasource)
  }

  status(id: string, signal: AbortSignal): Promise<SupervisorStatus | null> {
    return this.#http.find({ path: supervisorPath(id, '/status'), schema: SupervisorStatus, signal })
  }

  /** Ids of the supervisor's tasks that answer the Overlord now; empty when it has to wait for them. */
  async answeringTasks(id: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const path = supervisorPath(id, '/stats')
    try {
      const groups = await this.#http.find({ path, schema: SupervisorStats, signal, timeoutMs: tasksWithinMs })
      return new Set(Object.values(groups ?? {}).flatMap((tasks) => Object.keys(tasks)))
    } catch (error) {
      if (error instanceof EngineError && error.code === 'timeout') return new Set()
      throw error
    }
  }

  spec(id: string, signal: AbortSignal): Promise<Record<string, unknown> | null> {
    return this.#http.find({ path: supervisorPath(id), schema: z.record(z.string(), z.unknown()), signal })
  }

  async submit(spec: object, signal: AbortSignal): Promise<void> {
    await this.#http.call({ method: 'POST', path: supervisors, body: spec, signal, timeoutMs: 30_000 })
  }

  async command(id: string, verb: 'suspend' | 'resume' | 'reset', signal: AbortSignal): Promise<void> {
    if (this.elsewhere !== null && id !== datasource)
      throw new EngineError('druid', 'rejected', `The supervisor ${id} is not of this stack`, {
        hint: 'Steer it where it belongs.',
      })
    await this.#http.call({ method: 'POST', path: supervisorPath(id, `/${verb}`), signal, timeoutMs: 30_000 })
  }

  /** Whether the metadata store knows segments of the datasource that are in use. */
  async hasPublished(dataSource: string, signal: AbortSignal): Promise<boolean> {
    const path = `/druid/coordinator/v1/metadata/datasources/${encodeURIComponent(dataSource)}`
    return (await this.#http.find({ path, schema: z.unknown(), signal })) !== null
  }

  /** Published segments of the datasource that no Historical serves at the moment. */
  async unavailableSegments(dataSource: string, signal: AbortSignal): Promise<number> {
    const name = encodeURIComponent(dataSource)
    const path = `/druid/coordinator/v1/datasources/${name}/loadstatus?forceMetadataRefresh=true&simple`
    const counts = await this.#http.find({ path, schema: z.record(z.string(), z.number()), signal })
    return counts?.[dataSource] ?? 0
  }

  close(): Promise<void> {
    return this.#http.close()
  }

  /** Nobody waits for it: without it the query ends at its own time limit. */
  #cancel(sqlQueryId: string): void {
    this.#http
      .call({ method: 'DELETE', path: `${sqlPath}/${sqlQueryId}`, signal: AbortSignal.timeout(2_000) })
      .catch(() => {})
  }
}

/** True for the reply to a query on a datasource that the Broker knows no segment of. */
export function isUnknownObject(error: unknown): boolean {
  return (
    httpStatus(error) === 400 &&
    error instanceof EngineError &&
    error.cause instanceof HttpRejection &&
    /Object '.*' not found/.test(error.cause.body)
  )
}
