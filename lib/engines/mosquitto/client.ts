/** One MQTT 5 connection of ours. It ends by itself at the first fault; nothing reconnects behind the caller's back. */
import { randomUUID } from 'node:crypto'
import { connect, ErrorWithReasonCode, type IPublishPacket, type MqttClient } from 'mqtt'
import { EngineError, type EngineErrorCode, lookElsewhere } from '#lib/engines/errors.ts'
import type { MqttAddress } from '#lib/external.ts'

export type MosquittoOptions = MqttAddress

export type OnPublish = (topic: string, payload: Buffer, packet: IPublishPacket) => void

const connectTimeoutMs = 5_000
/** CONNACK codes of MQTT 3.1.1 and 5 that mean "not allowed". */
const refusals = [4, 5, 0x86, 0x87, 0x8c]

/**
 * Connects under a client id that nobody else has, so that no session of another is taken over. Throws EngineError; when
 * `signal` aborts, throws its reason.
 */
export async function open(options: MosquittoOptions, purpose: string, signal: AbortSignal): Promise<MqttClient> {
  signal.throwIfAborted()
  const { host, port, tls, login } = options
  const client = connect({
    ...{ host, port, ...login },
    protocol: tls ? 'mqtts' : 'mqtt',
    ...(tls?.ca ? { ca: tls.ca } : {}),
    protocolVersion: 5,
    clientId: `aviary-${purpose}-${randomUUID()}`,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: connectTimeoutMs,
    keepalive: 10,
    resubscribe: false,
  })
  const settled = Promise.withResolvers<void>()
  const onAbort = () => settled.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  client.once('connect', () => settled.resolve())
  // Stays for the whole life of the connection: an error event without a listener would end the process.
  client.on('error', (error) => settled.reject(explain(options, error)))
  client.once('close', () => settled.reject(explain(options, new Error('it closed the connection'))))
  try {
    await settled.promise
    return client
  } catch (error) {
    client.end(true)
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Waits for `work` as long as the connection lasts. */
export async function whileConnected<T>(
  client: MqttClient,
  options: MosquittoOptions,
  work: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const ended = Promise.withResolvers<never>()
  const onClose = () => ended.reject(explain(options, new Error('it closed the connection')))
  const onAbort = () => ended.reject(signal.reason)
  client.once('close', onClose)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, ended.promise])
  } catch (error) {
    throw error instanceof EngineError || signal.aborted ? error : explain(options, error)
  } finally {
    client.off('close', onClose)
    signal.removeEventListener('abort', onAbort)
    work.catch(() => {})
  }
}

export function explain({ host, port, tls }: MosquittoOptions, cause: unknown): EngineError {
  const where = `Mosquitto at ${host}:${port}`
  const text = cause instanceof AggregateError ? String(cause.errors[0]) : cause instanceof Error ? cause.message : ''
  const error = (code: EngineErrorCode, message: string, hint: string) =>
    new EngineError('mosquitto', code, `${where} ${message}`, { hint, cause })
  if (cause instanceof ErrorWithReasonCode)
    return refusals.includes(cause.code)
      ? error('unauthorized', `refused the connection: ${text}`, 'Check user and password.')
      : error('rejected', `refused the connection: ${text}`, 'Read its log.')
  if (/connack timeout/i.test(text)) return error('timeout', 'did not answer in time', 'Look at its load and log.')
  if (/certificate|altnames|SSL|TLS/i.test(text))
    return error('unauthorized', `cannot be trusted (${text})`, 'Check external.mosquitto.tls in settings.json.')
  if (/ECONN|EHOSTUNREACH|ENOTFOUND|ETIMEDOUT|closed|Keepalive/i.test(text))
    return error(
      'unreachable',
      `does not answer (${text})`,
      tls === undefined ? 'Start the service mosquitto.' : lookElsewhere,
    )
  return error('unexpected-reply', `does not speak MQTT 5 (${text})`, 'Find out which program holds that port.')
}
