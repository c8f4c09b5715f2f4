/** How far a run is safe: the seq up to which its messages are in Kafka without a gap. */
import type { RunSetup } from './folder.ts'

export interface CheckpointEvents {
  /** Every message up to `seq` is safe. */
  committed(seq: number): void
  /** It could not be asked, and why; null when it can be again. */
  trouble(reason: string | null): void
}

export interface Checkpoint {
  /** Asks once; -1 for none yet, null when it could not be asked. */
  read(): Promise<number | null>
  /** Begins to report. `urgent` says whether the sender stands still for want of a newer checkpoint. */
  follow(needed: () => 'no' | 'soon' | 'now'): void
  /** The broker has acknowledged everything up to `seq`. */
  acknowledged(seq: number): void
  /** Why it does not move although all is acknowledged; null where nothing stands in its way. */
  obstacle(): Promise<string | null>
  close(): void
}

/** The broker's word for it: for benchmarks without a connector. */
export class PubackCheckpoint implements Checkpoint {
  readonly #events: CheckpointEvents
  #last = -1
  constructor(events: CheckpointEvents) {
    this.#events = events
  }
  async read(): Promise<null> {
    return null
  }
  follow(): void {}
  acknowledged(seq: number): void {
    if (seq === this.#last) return
    this.#last = seq
    this.#events.committed(seq)
  }
  async obstacle(): Promise<null> {
    return null
  }
  close(): void {}
}

/** Connect builds a consumer and an admin client for each answer, tens of milliseconds of CPU: no more often than needed. */
const askEveryMs = 1_000
const askAtOnceMs = 400
const timeoutMs = 5_000

/** What the source connector has committed in Kafka, asked of Kafka Connect (KIP-875). */
export class ConnectCheckpoint implements Checkpoint {
  readonly #connector: string
  readonly #runId: string
  readonly #events: CheckpointEvents
  readonly #abort = new AbortController()
  #timer: NodeJS.Timeout | null = null
  #trouble: string | null = null

  constructor(setup: RunSetup, events: CheckpointEvents) {
    this.#connector = `${setup.connect.url}/connectors/${encodeURIComponent(setup.connect.connector)}`
    this.#runId = setup.id
    this.#events = events
  }

  async read(): Promise<number | null> {
    try {
      const seq = committedSeq(await this.#get('/offsets'), this.#runId)
      this.#tell(null)
      return seq
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#tell(error instanceof Error ? error.message : String(error))
      return null
    }
  }

  follow(needed: () => 'no' | 'soon' | 'now'): void {
    let idle = 0
    const turn = async () => {
      idle += askAtOnceMs
      const need = needed()
      if (need === 'now' || (need === 'soon' && idle >= askEveryMs)) {
        idle = 0
        const seq = await this.read()
        if (seq !== null && !this.#abort.signal.aborted) this.#events.committed(seq)
      }
      if (!this.#abort.signal.aborted) this.#timer = setTimeout(turn, askAtOnceMs)
    }
    this.#timer = setTimeout(turn, askAtOnceMs)
  }

  acknowledged(): void {}

  async obstacle(): Promise<string | null> {
    try {
      const status = (await this.#get('/status')) as { connector: { state: string }; tasks: { state: string }[] }
      const states = [status.connector.state, ...status.tasks.map((task) => task.state)]
      const wrong = states.find((state) => state !== 'RUNNING')
      if (wrong !== undefined) return `The connector is ${wrong}.`
      return status.tasks.length === 0 ? 'The connector has no task.' : null
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  #get(path: string): Promise<unknown> {
    return getJson(`${this.#connector}${path}`, AbortSignal.any([this.#abort.signal, AbortSignal.timeout(timeoutMs)]))
  }

  #tell(reason: string | null): void {
    if (reason === this.#trouble) return
    this.#trouble = reason
    this.#events.trouble(reason)
  }

  close(): void {
    this.#abort.abort()
    if (this.#timer !== null) clearTimeout(this.#timer)
  }
}

/** -1 where the connector knows nothing of the run. */
function committedSeq(body: unknown, runId: string): number {
  const { offsets } = body as { offsets?: { partition: Record<string, unknown>; offset: { seq?: unknown } | null }[] }
  if (!Array.isArray(offsets)) throw new Error('Kafka Connect gave an unexpected answer about offsets.')
  const seq = offsets.find((entry) => entry.partition['run-id'] === runId)?.offset?.seq ?? -1
  if (typeof seq !== 'number') throw new Error(`Kafka Connect gave the offset ${JSON.stringify(seq)} for this run.`)
  return seq
}

/** Loaded at first use and not by `import`, which would load Node's WebSocket with it: 30 ms before the first message. */
function getJson(url: string, signal: AbortSignal): Promise<unknown> {
  const { request } = process.getBuiltinModule('node:http')
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new Error(`Kafka Connect cannot be asked (${url}): ${error.message}.`))
    const call = request(url, { signal, headers: { accept: 'application/json' } }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('error', fail)
      response.on('data', (chunk: string) => {
        body += chunk
      })
      response.on('end', () => {
        if (response.statusCode !== 200) fail(new Error(`status ${response.statusCode}`))
        else
          try {
            resolve(JSON.parse(body))
          } catch {
            fail(new Error('the answer is not JSON'))
          }
      })
    })
    call.on('error', fail)
    call.end()
  })
}
