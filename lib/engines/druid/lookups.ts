/**
 * The lookups through which Druid SQL knows the users of the stream: `LOOKUP(user_id, 'user_mbti')`. They are maps that
 * the Coordinator keeps in Druid's metadata and hands to everybody who answers queries, running tasks too; a changed one
 * is live within some 5 s, and nothing restarts. Each exists from provisioning on, because a query that names one that
 * does not exist fails. Reference: https://druid.apache.org/docs/33.0.0/api-reference/lookups-api.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import type { Change } from '#lib/engines/engine.ts'
import { EngineError } from '#lib/engines/errors.ts'
import type { HttpClient } from '#lib/engines/http.ts'
import { type StaticLookup, staticLookups } from '#lib/pipeline/statics.ts'

export interface Lookup {
  readonly name: StaticLookup
  /** Names what the values were made of; told again by `stamps`. */
  readonly stamp: string
  readonly values: ReadonlyMap<string, string>
}

/** Stamp of a lookup that was never filled. */
export const emptyStamp = 'empty'

const base = '/druid/coordinator/v1/lookups'
const tier = '__default'
const askEveryMs = 250
/** The Coordinator looks every 5 s (`druid.manager.lookups.period`); a task that is just starting takes longer. */
const loadWithinMs = 60_000
/** Tens of thousands of users; see `maxLookupEntries`. */
const largestReply = 64 * 1024 * 1024

/** Every Broker, Historical and task holds all of it in a heap of 192 MB: more would endanger them. */
export const maxLookupEntries = 50_000

const Config = z.object({ version: z.string() })
const Names = z.array(z.string())
const Loaded = z.record(z.string(), z.object({ loaded: z.boolean() }))

/** Druid takes an update only when its version sorts behind the present one: a counter first, then what it was made of. */
const versionAfter = (present: string | null, stamp: string): string => {
  const counter = present === null ? -1 : Number(/^\d{9}(?=-)/.exec(present)?.[0] ?? Number.NaN)
  if (Number.isNaN(counter)) throw notOurs(present ?? '')
  return `${String(counter + 1).padStart(9, '0')}-${stamp}`
}

const notOurs = (version: string) =>
  new EngineError('druid', 'rejected', `A lookup has the version "${version}", which the console did not give it`, {
    hint: `Delete the lookup at the Coordinator: DELETE ${base}/config/${tier}/NAME. It is made again at the next start.`,
  })

/** Through the Router's management proxy. Every call throws EngineError, or the signal's reason. */
export class Lookups {
  readonly #http: HttpClient

  constructor(http: HttpClient) {
    this.#http = http
  }

  /** Makes those that are missing, empty. Never touches one that is there. */
  async provision(signal: AbortSignal): Promise<Change> {
    const change = { engine: 'druid' as const, subject: `lookups ${staticLookups.join(', ')}` }
    const present = await this.#names(signal)
    // The first call ever, which makes the place where lookups are kept.
    if (present === null) await this.#post({}, signal)
    const missing = staticLookups.filter((name) => !present?.includes(name))
    if (missing.length === 0) return { ...change, action: 'unchanged' }
    await this.#set(
      missing.map((name) => ({ name, version: versionAfter(null, emptyStamp), values: new Map() })),
      signal,
    )
    return { ...change, action: 'created' }
  }

  /** What each was made of; null where it does not exist. */
  async stamps(signal: AbortSignal): Promise<ReadonlyMap<StaticLookup, string | null>> {
    const versions = await this.#versions(signal)
    return new Map([...versions].map(([name, version]) => [name, version?.replace(/^\d{9}-/, '') ?? null]))
  }

  /** Replaces them, all in one step at the Coordinator, and waits until everybody who answers queries has them. */
  async publish(lookups: readonly Lookup[], signal: AbortSignal): Promise<void> {
    const versions = await this.#versions(signal)
    if ([...versions.values()].every((version) => version === null)) await this.#post({}, signal)
    await this.#set(
      lookups.map(({ name, stamp, values }) => ({
        name,
        values,
        version: versionAfter(versions.get(name) ?? null, stamp),
      })),
      signal,
    )
    await this.#loaded(
      lookups.map(({ name }) => name),
      signal,
    )
  }

  async #loaded(names: readonly StaticLookup[], signal: AbortSignal): Promise<void> {
    const end = Date.now() + loadWithinMs
    for (;;) {
      const status = await this.#http.call({ path: `${base}/status/${tier}`, schema: Loaded, signal })
      const waiting = names.filter((name) => status[name]?.loaded !== true)
      if (waiting.length === 0) return
      if (Date.now() > end)
        throw new EngineError('druid', 'timeout', `Not every Druid service has loaded ${waiting.join(', ')}`, {
          hint: 'Look at the Broker, the Historical and the tasks; the Coordinator goes on trying.',
        })
      await delay(askEveryMs, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  }

  #names(signal: AbortSignal): Promise<string[] | null> {
    return this.#http.find({ path: `${base}/config/${tier}`, schema: Names, signal })
  }

  async #versions(signal: AbortSignal): Promise<ReadonlyMap<StaticLookup, string | null>> {
    const path = (name: StaticLookup) => `${base}/config/${tier}/${name}`
    const entries = staticLookups.map(async (name) => {
      const found = await this.#http.find({ path: path(name), schema: Config, signal, maxBytes: largestReply })
      return [name, found?.version ?? null] as const
    })
    return new Map(await Promise.all(entries))
  }

  #set(
    lookups: readonly { name: string; version: string; values: ReadonlyMap<string, string> }[],
    signal: AbortSignal,
  ): Promise<void> {
    const specs = lookups.map(({ name, version, values }) => [
      name,
      { version, lookupExtractorFactory: { type: 'map', map: Object.fromEntries(values) } },
    ])
    return this.#post({ [tier]: Object.fromEntries(specs) }, signal)
  }

  async #post(body: object, signal: AbortSignal): Promise<void> {
    await this.#http.call({ method: 'POST', path: `${base}/config`, body, signal, timeoutMs: 30_000 })
  }
}
