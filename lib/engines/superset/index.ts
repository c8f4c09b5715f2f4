/** Superset, at the end of the line: draws the stream from Druid and the static tables from Hive as dashboards that the console embeds. */
import type { Change, Engine } from '#lib/engines/engine.ts'
import { type Findings, Observer } from '#lib/engines/observer.ts'
import type { DruidAddress } from '#lib/external.ts'
import type { DashboardOffer } from '#lib/pipeline/analytics.ts'
import type { SecretName } from '#lib/secrets.ts'
import { type Assets, mark, readAssets } from './assets.ts'
import { notOffered, SupersetClient } from './client.ts'
import { adminAccount } from './desired.ts'
import { databasePlaces } from './places.ts'

export { origins } from './desired.ts'
export { services } from './services.ts'

export interface SupersetOptions {
  /** Without a trailing slash. */
  readonly url: string
  readonly secret: (name: SecretName) => string
  /** Origins of the pages that may embed dashboards. */
  readonly origins: readonly string[]
  /** Where Superset itself finds Druid. */
  readonly druid: DruidAddress
  /** And Hive, as an SQLAlchemy URI. */
  readonly hiveUri: string
}

export interface SupersetAccount {
  readonly user: string
  readonly password: string
}

export interface GuestRequest {
  /** The dashboard's slug. */
  readonly dashboard: string
  /** By this name Superset knows the guest. */
  readonly user: string
  readonly signal: AbortSignal
}

export interface SupersetEngine extends Engine {
  /** The provisioned dashboards that may be embedded now. Throws EngineError. */
  dashboards(signal: AbortSignal): Promise<DashboardOffer[]>
  /** A token for this one dashboard, good for ten minutes. Throws EngineError, `rejected` for a dashboard that is not offered. */
  guestToken(request: GuestRequest): Promise<string>
  /** Superset's own administrator, for work that the embedded dashboards do not allow. */
  account(): SupersetAccount
}

export function createSuperset({ url, secret, origins, druid, hiveUri }: SupersetOptions): SupersetEngine {
  const client = new SupersetClient(url, secret)
  const observer = new Observer('superset')
  let read: Assets | null = null
  // Read when first needed: a console without Superset has no use for them.
  const assets = () => {
    read ??= readAssets(databasePlaces(druid, hiveUri), secret('superset-key'))
    return read
  }
  return {
    id: 'superset',
    account: () => ({ user: adminAccount, password: secret('superset-admin-password') }),
    probe: (signal) => observer.probe(() => findings(client, assets(), signal)),
    provision: async (signal) => [
      ...(await provisionDashboards(client, assets(), signal)),
      ...(await provisionEmbedding(client, assets(), origins, signal)),
    ],
    dashboards: (signal) => offers(client, assets(), signal),
    guestToken: async ({ dashboard, user, signal }) => {
      const known = assets().dashboards.some(({ slug }) => slug === dashboard)
      const embedded = known ? await client.embedded(dashboard, signal) : null
      if (embedded === null) throw notOffered(dashboard)
      return client.guestToken(embedded.uuid, user, signal)
    },
    close: () => client.close(),
  }
}

async function findings(client: SupersetClient, { dashboards }: Assets, signal: AbortSignal): Promise<Findings> {
  const parts = []
  for (const { slug } of dashboards) {
    const there = (await client.dashboard(slug, signal)) !== null
    const finding = { state: there ? 'up' : 'degraded', reason: there ? null : 'It does not exist yet.' } as const
    parts.push({ part: `dashboard ${slug}`, ...finding })
  }
  const missing = parts.filter(({ state }) => state !== 'up')
  if (missing.length === 0) return { state: 'up', reason: null, parts }
  const names = missing.map(({ part }) => part.replace('dashboard ', '')).join(', ')
  return { state: 'degraded', reason: `Dashboards do not exist yet: ${names}.`, parts }
}

async function provisionDashboards(client: SupersetClient, assets: Assets, signal: AbortSignal): Promise<Change[]> {
  const wanted = mark(assets.hash)
  const changes: Change[] = []
  for (const { slug } of assets.dashboards) {
    const present = await client.dashboard(slug, signal)
    const action = present === null ? 'created' : present.certification_details === wanted ? 'unchanged' : 'updated'
    changes.push({ engine: 'superset', subject: `dashboard ${slug}`, action })
  }
  if (changes.some(({ action }) => action !== 'unchanged')) await client.importAssets(assets, signal)
  return changes
}

async function provisionEmbedding(
  client: SupersetClient,
  { dashboards }: Assets,
  origins: readonly string[],
  signal: AbortSignal,
): Promise<Change[]> {
  const changes: Change[] = []
  for (const { slug } of dashboards) {
    const present = await client.embedded(slug, signal)
    const same = present !== null && [...present.allowed_domains].sort().join() === [...origins].sort().join()
    if (!same) await client.allowEmbedding(slug, origins, signal)
    const action = same ? 'unchanged' : present === null ? 'created' : 'updated'
    changes.push({ engine: 'superset', subject: `embedding of ${slug}`, action })
  }
  return changes
}

async function offers(client: SupersetClient, { dashboards }: Assets, signal: AbortSignal): Promise<DashboardOffer[]> {
  const found: DashboardOffer[] = []
  for (const { slug } of dashboards) {
    const [row, embedded] = [await client.dashboard(slug, signal), await client.embedded(slug, signal)]
    if (row !== null && embedded !== null) found.push({ slug, title: row.dashboard_title, uuid: embedded.uuid })
  }
  return found
}
