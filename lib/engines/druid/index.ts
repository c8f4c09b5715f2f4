/** Druid, the end of the line: its supervisor reads Kafka's topic `tweets` into a datasource that SQL can ask at once. */
import type { Engine, EngineStatus } from '#lib/engines/engine.ts'
import { EngineError } from '#lib/engines/errors.ts'
import { httpStatus } from '#lib/engines/http.ts'
import { type Findings, Observer } from '#lib/engines/observer.ts'
import type { DruidAddress } from '#lib/external.ts'
import type { SupervisorSnapshot } from '#lib/pipeline/snapshot.ts'
import type { SqlTable } from '#lib/pipeline/sql.ts'
import { datasource } from '#lib/pipeline/stages.ts'
import type { StaticLookup } from '#lib/pipeline/statics.ts'
import { DruidClient, isUnknownObject, type SqlOptions } from './client.ts'
import { supervisorSpec } from './desired.ts'
import type { Lookup } from './lookups.ts'
import { provisionSupervisor } from './provisioning.ts'
import { type ServiceFinding, servicesHealth } from './services-health.ts'
import { type SupervisorReport, supervisorReport } from './supervisor.ts'

export type { SqlOptions } from './client.ts'
export { emptyStamp, type Lookup, maxLookupEntries } from './lookups.ts'
export { externalService, services } from './services.ts'

/** `url`: of the Router, without a trailing slash; it must have its management proxy enabled. */
export type DruidOptions = DruidAddress & {
  /** Where Druid finds Kafka: `host:port`, separated by commas. */
  readonly bootstrapServers: string
  /** Settings of its Kafka clients beyond that; no secret among them. */
  readonly kafkaClient?: Readonly<Record<string, string>>
}

export interface DruidEngine extends Engine {
  /** As the last probe saw them; null when it could not ask. */
  supervisors(): readonly SupervisorSnapshot[] | null
  /** The query is cancelled in Druid too when `signal` aborts. Throws EngineError. */
  sql(query: string, options: SqlOptions): Promise<SqlTable>
  /**
   * As `sql`, for queries on the datasource `tweets`. Null when Druid does not know the datasource for a moment (a
   * Broker that has just started, segments not loaded); a table without rows when there truly is none: the supervisor
   * exists and the metadata store holds no segment, so that nothing was ever published and nothing is being read.
   */
  sqlOnTweets(query: string, options: SqlOptions): Promise<SqlTable | null>
  /** False while published segments of `tweets` are not served, so that counts come out too low. Throws EngineError. */
  isComplete(signal: AbortSignal): Promise<boolean>
  /** Nothing is read until it is resumed; what was read stays. Idempotent. */
  suspend(id: string, signal: AbortSignal): Promise<void>
  resume(id: string, signal: AbortSignal): Promise<void>
  /** Forgets how far it has read: it begins again at the earliest offset that Kafka keeps, and those rows come twice. */
  reset(id: string, signal: AbortSignal): Promise<void>
  /** What each lookup was made of; null where it does not exist. Throws EngineError. */
  lookupStamps(signal: AbortSignal): Promise<ReadonlyMap<StaticLookup, string | null>>
  /** Replaces lookups and waits until everybody who answers queries has them, some 5 to 10 s. Throws EngineError. */
  publishLookups(lookups: readonly Lookup[], signal: AbortSignal): Promise<void>
}

/** Services come and go seldom; asking every time would be the dearest part of a probe. */
const servicesEveryMs = 5_000

export function createDruid({ bootstrapServers, kafkaClient, ...address }: DruidOptions): DruidEngine {
  const client = new DruidClient(address)
  const probe = new Probe(client)
  const spec = supervisorSpec(bootstrapServers, { ...kafkaClient, ...address.consumerProperties })
  return {
    id: 'druid',
    probe: (signal) => probe.run(signal),
    // Lookups first: who queries the rows may name them.
    provision: async (signal) => [
      await client.lookups.provision(signal),
      await provisionSupervisor(client, spec, signal),
    ],
    supervisors: () => probe.supervisors(),
    sql: (query, options) => client.sql(query, options),
    sqlOnTweets: (query, options) => sqlOnTweets(client, query, options),
    isComplete: async (signal) => (await client.unavailableSegments(datasource, signal)) === 0,
    suspend: (id, signal) => setSuspended(client, id, true, signal),
    resume: (id, signal) => setSuspended(client, id, false, signal),
    reset: (id, signal) => client.command(id, 'reset', signal),
    lookupStamps: (signal) => client.lookups.stamps(signal),
    publishLookups: (lookups, signal) => client.lookups.publish(lookups, signal),
    close: () => client.close(),
  }
}

class Probe {
  readonly #client: DruidClient
  readonly #observer = new Observer('druid')
  #seen: SupervisorReport[] | null = null
  #services: readonly ServiceFinding[] = []
  #servicesAt = 0

  constructor(client: DruidClient) {
    this.#client = client
  }

  run(signal: AbortSignal): Promise<EngineStatus> {
    return this.#observer.probe(async () => {
      const [services, supervisors] = await Promise.allSettled([
        this.#askServices(signal),
        this.#askSupervisors(signal),
      ])
      this.#seen = supervisors.status === 'fulfilled' ? supervisors.value : null
      if (supervisors.status === 'rejected') return this.#withoutOverlord(services, supervisors.reason)
      return findings(this.#known(services), supervisors.value)
    })
  }

  supervisors(): readonly SupervisorSnapshot[] | null {
    return (
      this.#seen?.map(({ finding: _, ...report }) => ({
        ...report,
        status: this.#observer.part(supervisorPart(report.id)),
      })) ?? null
    )
  }

  async #askServices(signal: AbortSignal): Promise<readonly ServiceFinding[]> {
    const healthy = this.#services.length > 0 && this.#services.every((s) => s.state === 'up')
    if (healthy && Date.now() - this.#servicesAt < servicesEveryMs) return this.#services
    this.#services = []
    this.#services = await servicesHealth(this.#client, signal)
    this.#servicesAt = Date.now()
    return this.#services
  }

  async #askSupervisors(signal: AbortSignal): Promise<SupervisorReport[]> {
    const ids = await this.#client.supervisorIds(signal)
    const ask = async (id: string) => {
      const [status, answering] = await Promise.all([
        this.#client.status(id, signal),
        this.#client.answeringTasks(id, signal),
      ])
      return status === null ? [] : [supervisorReport(status, answering, Date.now())]
    }
    return (await Promise.all(ids.map(ask))).flat()
  }

  #known(services: PromiseSettledResult<readonly ServiceFinding[]>): readonly ServiceFinding[] {
    if (services.status === 'fulfilled') return services.value
    const reason = services.reason instanceof Error ? services.reason.message : String(services.reason)
    return [{ part: 'druid-broker', state: 'down', reason: `The Broker answers no query: ${reason}` }]
  }

  /** Where the Broker answers, the Router lives and only the Coordinator is missing. */
  #withoutOverlord(services: PromiseSettledResult<readonly ServiceFinding[]>, fault: unknown): Findings {
    if (services.status === 'rejected' || !(fault instanceof EngineError)) throw fault
    return { state: 'degraded', reason: `The Overlord does not answer: ${fault.message}`, parts: services.value }
  }
}

const supervisorPart = (id: string) => `supervisor ${id}`

function findings(services: readonly ServiceFinding[], supervisors: readonly SupervisorReport[]): Findings {
  const parts = [...services, ...supervisors.map((s) => ({ part: supervisorPart(s.id), ...s.finding }))]
  const missing = services.find((s) => s.state !== 'up')
  if (missing) return { state: 'degraded', reason: missing.reason, parts }
  const own = supervisors.find((s) => s.id === datasource)
  if (own === undefined) return { state: 'degraded', reason: `The supervisor ${datasource} does not exist yet.`, parts }
  return { ...own.finding, parts }
}

async function sqlOnTweets(client: DruidClient, query: string, options: SqlOptions): Promise<SqlTable | null> {
  try {
    return await client.sql(query, options)
  } catch (error) {
    if (!isUnknownObject(error)) throw error
    const [supervisor, published] = await Promise.all([
      client.spec(datasource, options.signal),
      client.hasPublished(datasource, options.signal),
    ])
    return supervisor !== null && !published ? { columns: [], rows: [] } : null
  }
}

/** Druid answers 400 when it is so already. */
async function setSuspended(client: DruidClient, id: string, wanted: boolean, signal: AbortSignal): Promise<void> {
  try {
    await client.command(id, wanted ? 'suspend' : 'resume', signal)
  } catch (error) {
    const status = httpStatus(error) === 400 ? await client.status(id, signal) : null
    if (status?.payload.suspended !== wanted) throw error
  }
}
