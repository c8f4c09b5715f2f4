/** One session on a connection of its own to HiveServer2: the only place that touches the thrift library. */
import type { Socket } from 'node:net'
import driver from 'hive-driver'
import { lost } from './faults.ts'

export interface HiveAddress {
  readonly host: string
  readonly port: number
}

type Client = InstanceType<typeof driver.HiveClient>
type DriverSession = Awaited<ReturnType<Client['openSession']>>
type Authentication = NonNullable<Parameters<Client['connect']>[2]>
export type Operation = Awaited<ReturnType<DriverSession['executeStatement']>>

/** Version 10, which Hive 3 and 4 speak. */
const protocolVersion = 9
/**
 * Who may do what: with authentication NONE Hive believes the name and looks at no password. The owner may do anything; everybody else
 * may neither run programs nor touch files (docker/hive/conf/hive-site.xml).
 */
export const owner = 'aviary'
export const reader = 'reader'

export interface HiveLogin {
  readonly user: string
  /** In which the session looks for bare names; with null every name needs its database. */
  readonly database: string | null
}

/** Hive hears that it is to stop only when it has answered the question before, which may take it half a second. */
const cancelMs = 3_000

/** Waits for `work` until `signal` aborts, then throws its reason. */
export async function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  // It may fail later, when nobody listens any more.
  work.catch(() => {})
  try {
    return await Promise.race([aborted.promise, work])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/**
 * Nothing is left behind here by `end`, whatever the other side does; the library alone would wait for ever for an answer on a
 * connection that is gone.
 */
export class HiveSession {
  readonly #address: HiveAddress
  readonly #client: Client
  readonly #gone = Promise.withResolvers<never>()
  #socket: Socket | null = null
  #session: DriverSession | null = null
  #ended = false
  #onEnd: (() => void) | null = null

  private constructor(address: HiveAddress) {
    this.#address = address
    this.#gone.promise.catch(() => {})
    this.#client = new driver.HiveClient(driver.thrift.TCLIService, driver.thrift.TCLIService_types)
    // Unheard, such an event would end the process.
    this.#client.on('error', (error: unknown) => this.#fail(error))
  }

  /** Throws what `ask` throws. */
  static async open(address: HiveAddress, login: HiveLogin, signal: AbortSignal): Promise<HiveSession> {
    signal.throwIfAborted()
    const session = new HiveSession(address)
    try {
      session.#session = await session.#call(session.#open(login), signal)
      return session
    } catch (error) {
      session.end()
      throw error
    }
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Called once, when it ends by `end` or by a fault. */
  set onEnd(listener: () => void) {
    this.#onEnd = listener
  }

  /**
   * Asks in this session. Throws EngineError when the connection is lost, the signal's reason when it aborts, else what the library
   * throws, which `explain` knows.
   */
  ask<T>(question: (session: DriverSession) => Promise<T>, signal: AbortSignal): Promise<T> {
    const session = this.#session
    if (session === null) return Promise.reject(lost(this.#address, null))
    return this.#call(question(session), signal)
  }

  /** Gives up what is asked in it: Hive is told to stop, and then, or when it does not answer in time, the connection ends. */
  async leave(operation: Operation | null): Promise<void> {
    if (operation !== null) await this.#call(operation.cancel(), AbortSignal.timeout(cancelMs)).catch(() => {})
    this.end()
  }

  /**
   * Ends the connection at once, and with it the session. What runs in it is told to stop; it looks for that between a thousand rows
   * of its input, so a query that makes millions of rows of each goes on until it has ended. Idempotent.
   */
  end(): void {
    this.#ended = true
    this.#socket?.destroy()
    this.#onEnd?.()
    this.#onEnd = null
  }

  #call<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
    return orAbort(Promise.race([this.#gone.promise, asked]), signal)
  }

  async #open({ user, database }: HiveLogin): Promise<DriverSession> {
    const plain = new driver.auth.PlainTcpAuthentication({ username: user, password: user })
    const authentication: Authentication = {
      authenticate: (transport) => {
        const done = plain.authenticate(transport)
        this.#watch(transport.getTransport() as Socket)
        return done
      },
    }
    await this.#client.connect({ ...this.#address }, new driver.connections.TcpConnection(), authentication)
    return this.#client.openSession({
      client_protocol: protocolVersion,
      ...(database !== null && { configuration: { 'use:database': database } }),
    })
  }

  #watch(socket: Socket): void {
    this.#socket = socket
    let cause: unknown = null
    socket.on('error', (error) => {
      cause = error
    })
    socket.on('close', () => this.#fail(cause))
    if (this.#ended) socket.destroy()
  }

  #fail(cause: unknown): void {
    this.end()
    this.#gone.reject(lost(this.#address, cause))
  }
}
