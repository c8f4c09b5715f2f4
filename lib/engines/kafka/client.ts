/** The one way to ask the brokers: a kept admin connection, every call with an end, every fault an EngineError. */
import { type Admin, type Consumer, Kafka, type KafkaConfig } from 'kafkajs'
import type { Logger } from 'pino'
import { EngineError, lookElsewhere } from '#lib/engines/errors.ts'
import type { KafkaCluster } from '#lib/external.ts'
import { addCodecs } from './codecs.ts'
import { kafkaLog } from './log.ts'
import { quietTimers } from './quiet-timers.ts'

/** Brokers alone: one of ours, which asks for nothing. */
export type KafkaOptions = Pick<KafkaCluster, 'brokers'> & Partial<KafkaCluster> & { readonly log: Logger }

interface Connection {
  readonly admin: Admin
  readonly ready: Promise<void>
  /** What kafkajs is still at, also when nobody waits for the answer any more. */
  readonly asked: Set<Promise<unknown>>
}

const callTimeoutMs = 5_000

quietTimers()
addCodecs()

export class KafkaClient {
  readonly #kafka: Kafka
  readonly #brokers: string
  /** What to do when nothing answers. */
  readonly #remedy: string
  readonly #closed = new AbortController()
  #admin: Connection | null = null

  constructor({ brokers, tls, sasl, log }: KafkaOptions) {
    this.#brokers = brokers.join(', ')
    this.#remedy = tls === undefined ? 'Start the service kafka.' : lookElsewhere
    this.#kafka = new Kafka({
      clientId: 'aviary',
      brokers: [...brokers],
      ...securityOf({ tls, sasl }),
      logCreator: kafkaLog(log),
      connectionTimeout: 2_000,
      requestTimeout: 4_000,
      // Enough to notice a new topic; beyond that whoever asks decides about asking again.
      retry: { retries: 2, initialRetryTime: 50, maxRetryTime: 200 },
    })
  }

  /** Throws EngineError; when `signal` aborts, throws its reason. */
  async ask<T>(question: (admin: Admin) => Promise<T>, signal: AbortSignal, timeoutMs = callTimeoutMs): Promise<T> {
    const until = AbortSignal.any([signal, this.#closed.signal])
    until.throwIfAborted()
    const ended = Promise.withResolvers<never>()
    const onAbort = () => ended.reject(until.reason)
    until.addEventListener('abort', onAbort, { once: true })
    const timer = setTimeout(() => ended.reject(this.#tooSlow(timeoutMs)), timeoutMs)
    const connection = this.#connected()
    try {
      const answer = connection.ready.then(() => question(connection.admin))
      connection.asked.add(answer)
      void answer.catch(() => {}).then(() => connection.asked.delete(answer))
      return await Promise.race([answer, ended.promise])
    } catch (error) {
      if (until.aborted) throw until.reason
      const fault = error instanceof EngineError ? error : this.#explain(error)
      // A connection that is lost or half dead is not asked again; others' questions on a good one go on.
      if (fault.retry || fault.code === 'unexpected-reply') this.#drop(connection)
      throw fault
    } finally {
      clearTimeout(timer)
      until.removeEventListener('abort', onAbort)
    }
  }

  consumer(groupId: string): Consumer {
    return this.#kafka.consumer({
      groupId,
      allowAutoTopicCreation: false,
      sessionTimeout: 10_000,
      heartbeatInterval: 2_000,
      // kafkajs waits up to 5 s by default, which also delays every stop.
      maxWaitTimeInMs: 500,
      metadataMaxAge: 60_000,
      // The reading makes a new consumer after a fault: it knows its place, kafkajs does not.
      retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 500, restartOnFailure: async () => false },
    })
  }

  async close(): Promise<void> {
    this.#closed.abort(new Error('the engine was closed'))
    const connection = this.#admin
    this.#admin = null
    if (connection !== null) await hangUp(connection)
  }

  #connected(): Connection {
    if (this.#admin === null) {
      const admin = this.#kafka.admin()
      const connection = { admin, ready: admin.connect(), asked: new Set<Promise<unknown>>() }
      connection.ready.catch(() => this.#drop(connection))
      this.#admin = connection
    }
    return this.#admin
  }

  #drop(connection: Connection): void {
    if (this.#admin === connection) this.#admin = null
    void hangUp(connection)
  }

  #tooSlow(ms: number): EngineError {
    return new EngineError('kafka', 'timeout', `Kafka at ${this.#brokers} did not answer within ${ms} ms`, {
      hint: 'Look at its load and log.',
    })
  }

  #explain(error: unknown): EngineError {
    const cause = deepest(error)
    const where = `Kafka at ${this.#brokers}`
    const name = cause instanceof Error ? cause.name : ''
    const text = cause instanceof Error ? cause.message : String(cause)
    if (name === 'KafkaJSRequestTimeoutError') return this.#tooSlow(callTimeoutMs)
    if (/certificate|altnames|SSL|TLS/i.test(text))
      return new EngineError('kafka', 'unauthorized', `${where} cannot be trusted (${text})`, {
        hint: 'Check external.kafka.tls in settings.json.',
        cause,
      })
    // The last is a plain Error of kafkajs (broker/index.js), for a question to a broker that it has just lost.
    const away = /ECONN|ENOTFOUND|EHOSTUNREACH|^Broker not connected$/
    if (/Connection|Broker|Coordinator|Closed/.test(name) || away.test(text))
      return new EngineError('kafka', 'unreachable', `${where} does not answer (${text})`, {
        hint: this.#remedy,
        cause,
      })
    if (/^KafkaJS.*(Authentication|Authorization|SASL)/.test(name))
      return new EngineError('kafka', 'unauthorized', `${where} refused access`, { hint: 'Check the account.', cause })
    // kafkajs trips over its own state when the connection is closed under a question, as another's fault does.
    const tripped = cause instanceof TypeError
    if (tripped || (cause instanceof Error && 'retriable' in cause && cause.retriable === true))
      return new EngineError('kafka', 'unreachable', `${where} is not ready: ${text}`, {
        hint: 'Wait a moment.',
        cause,
      })
    if (name.startsWith('KafkaJS'))
      return new EngineError('kafka', 'rejected', `${where} refused: ${text}`, { hint: 'Read what it says.', cause })
    return new EngineError('kafka', 'unexpected-reply', `${where} answered in a way that is not understood: ${text}`, {
      hint: 'Check that it is Kafka that listens there, and its version.',
      cause,
    })
  }
}

/** An admin that is closed while it connects, or while a question opens another connection, would keep that socket. */
async function hangUp({ admin, ready, asked }: Connection): Promise<void> {
  await ready.catch(() => {})
  await Promise.allSettled(asked)
  await admin.disconnect().catch(() => {})
}

function securityOf({ tls, sasl }: Pick<KafkaOptions, 'tls' | 'sasl'>): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  const ssl = tls ? { ssl: tls.ca === null ? true : { ca: [tls.ca] } } : {}
  if (!sasl) return ssl
  const { username, password } = sasl
  const mechanism = sasl.mechanism.toLowerCase() as 'plain' | 'scram-sha-256' | 'scram-sha-512'
  return { ...ssl, sasl: { mechanism, username, password } as KafkaConfig['sasl'] & object }
}

function deepest(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? deepest(error.cause) : error
}
