/** Superset's REST interface, as far as the console needs it. Reference: https://superset.apache.org/docs/api. */
import { FormData } from 'undici'
import { EngineError } from '#lib/engines/errors.ts'
import { HttpClient, httpStatus } from '#lib/engines/http.ts'
import type { SecretName } from '#lib/secrets.ts'
import { Account } from './account.ts'
import type { Assets } from './assets.ts'
import { adminAccount, brokerAccount, bundle } from './desired.ts'
import { DashboardList, type DashboardRow, Embedding, GuestToken } from './schemas.ts'

/** An import asks each database for its schemas, which takes a while when that one is busy. */
const importWithinMs = 60_000

const embeddedPath = (slug: string): string => `/api/v1/dashboard/${encodeURIComponent(slug)}/embedded`

export type Embedded = Embedding['result']

/** Every call throws EngineError; when its signal aborts, the signal's reason. */
export class SupersetClient {
  readonly #http: HttpClient
  /** Provisions and looks; guests' tokens are the broker's, whose account can do nothing else. */
  readonly #admin: Account
  readonly #broker: Account

  constructor(url: string, secret: (name: SecretName) => string) {
    this.#http = new HttpClient({
      engine: 'superset',
      name: 'Superset',
      url,
      unreachableHint: 'Start the service superset.',
    })
    this.#admin = new Account(this.#http, adminAccount, () => secret('superset-admin-password'))
    this.#broker = new Account(this.#http, brokerAccount, () => secret('superset-broker-password'))
  }

  /** Null when there is no such dashboard. */
  async dashboard(slug: string, signal: AbortSignal): Promise<DashboardRow | null> {
    const columns = 'slug,dashboard_title,certification_details'
    const query = `(columns:!(${columns}),filters:!((col:slug,opr:eq,value:${slug})))`
    const path = `/api/v1/dashboard/?q=${encodeURIComponent(query)}`
    const { result } = await this.#admin.call({ path, schema: DashboardList, signal })
    return result.find((row) => row.slug === slug) ?? null
  }

  /** Null when the dashboard may not be embedded, or does not exist. */
  async embedded(slug: string, signal: AbortSignal): Promise<Embedded | null> {
    try {
      return (await this.#admin.call({ path: embeddedPath(slug), schema: Embedding, signal })).result
    } catch (error) {
      if (httpStatus(error) === 404) return null
      throw error
    }
  }

  /** Lets pages of these origins embed the dashboard; its UUID stays what it is. */
  async allowEmbedding(slug: string, origins: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#admin.write({ path: embeddedPath(slug), body: { allowed_domains: origins }, schema: Embedding, signal })
  }

  /** Replaces everything that an earlier import of the same identities has made; databases need not be up. */
  async importAssets(assets: Assets, signal: AbortSignal): Promise<void> {
    const form = new FormData()
    form.set('bundle', new Blob([bundle(assets)], { type: 'application/zip' }), 'aviary.zip')
    form.set('passwords', JSON.stringify(assets.passwords))
    await this.#admin.write({ path: '/api/v1/assets/import/', form, signal, timeoutMs: importWithinMs })
  }

  /** Good for one embedded dashboard, named by its UUID, for `guestTokenSeconds`. */
  async guestToken(uuid: string, user: string, signal: AbortSignal): Promise<string> {
    const who = { username: user, first_name: user, last_name: '' }
    const body = { user: who, resources: [{ type: 'dashboard', id: uuid }], rls: [] }
    const path = '/api/v1/security/guest_token/'
    const { token } = await this.#broker.call({ method: 'POST', path, body, schema: GuestToken, signal })
    return token
  }

  close(): Promise<void> {
    return this.#http.close()
  }
}

export const notOffered = (slug: string): EngineError =>
  new EngineError('superset', 'rejected', `There is no dashboard "${slug}" that may be embedded`, {
    hint: 'Choose one of the list. If it is empty, start the stack again: that provisions the dashboards.',
  })
