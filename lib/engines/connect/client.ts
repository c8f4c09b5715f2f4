/** Connect's REST interface: https://kafka.apache.org/documentation/#connect_rest. Every call throws EngineError. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { type Call, HttpClient, httpStatus } from '#lib/engines/http.ts'
import { ConnectorConfig, Connectors, Offsets } from './schemas.ts'

const path = (name: string, rest = '') => `/connectors/${encodeURIComponent(name)}${rest}`

export class ConnectClient {
  readonly #http: HttpClient

  constructor(url: string) {
    this.#http = new HttpClient({
      engine: 'connect',
      name: 'Kafka Connect',
      url,
      unreachableHint: 'Start the service connect; it needs kafka.',
    })
  }

  connectors(signal: AbortSignal): Promise<Connectors> {
    return this.#http.call({ path: '/connectors?expand=status', schema: Connectors, signal })
  }

  config(name: string, signal: AbortSignal): Promise<Record<string, string> | null> {
    return this.#http.find({ path: path(name, '/config'), schema: ConnectorConfig, signal })
  }

  /** Null while the connector does not exist. */
  offsets(name: string, signal: AbortSignal): Promise<z.infer<typeof Offsets> | null> {
    return this.#http.find({ path: path(name, '/offsets'), schema: Offsets, signal, maxBytes: 64 * 1024 * 1024 })
  }

  async putConfig(name: string, config: Record<string, string>, signal: AbortSignal): Promise<void> {
    await this.#change({ method: 'PUT', path: path(name, '/config'), body: config, signal })
  }

  pause = (name: string, signal: AbortSignal) => this.#change({ method: 'PUT', path: path(name, '/pause'), signal })
  resume = (name: string, signal: AbortSignal) => this.#change({ method: 'PUT', path: path(name, '/resume'), signal })

  restart(name: string, { onlyFailed }: { onlyFailed: boolean }, signal: AbortSignal): Promise<void> {
    const query = `/restart?includeTasks=true&onlyFailed=${onlyFailed}`
    return this.#change({ method: 'POST', path: path(name, query), signal })
  }

  restartTask(name: string, task: number, signal: AbortSignal): Promise<void> {
    return this.#change({ method: 'POST', path: path(name, `/tasks/${task}/restart`), signal })
  }

  close(): Promise<void> {
    return this.#http.close()
  }

  /** While its group rebalances, which takes moments after every start and change, Connect answers 409 to all changes. */
  async #change(call: Omit<Call<unknown>, 'schema'>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#http.call<undefined>({ ...call, timeoutMs: 20_000 })
      } catch (error) {
        if (httpStatus(error) !== 409 || attempt === 20) throw error
        await sleep(500, undefined, { signal: call.signal })
      }
    }
  }
}
