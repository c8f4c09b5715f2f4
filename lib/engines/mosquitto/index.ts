/** Mosquitto, between the replay and Connect on the line: takes the messages by MQTT and keeps them for the connector. */
import type { MqttClient } from 'mqtt'
import type { Engine, EngineStatus, Tap, TapRequest } from '#lib/engines/engine.ts'
import { type Findings, Observer } from '#lib/engines/observer.ts'
import { explain, type MosquittoOptions, open, whileConnected } from './client.ts'
import { Figures, type Traffic } from './figures.ts'
import { tapMessage } from './message.ts'

export type { MosquittoOptions } from './client.ts'
export type { Traffic } from './figures.ts'
export { externalService, services } from './services.ts'

export interface MosquittoEngine extends Engine {
  tap(request: TapRequest): Promise<Tap>
  /** What Mosquitto says about itself (`$SYS`); null while there is no connection. */
  traffic(): Traffic | null
}

/** Nobody subscribes to it: giving it up is the cheapest question that Mosquitto must answer. */
const questionTopic = 'aviary/probe'

export function createMosquitto(options: MosquittoOptions): MosquittoEngine {
  const observer = new Observer('mosquitto')
  const figures = new Figures()
  const taps = new Set<MqttClient>()
  const closed = new AbortController()
  let kept: MqttClient | null = null

  const connection = async (signal: AbortSignal): Promise<MqttClient> => {
    if (kept?.connected) return kept
    kept?.end(true)
    kept = null
    figures.clear()
    const client = await open(options, 'probe', signal)
    kept = client
    client.on('message', (topic, payload) => figures.take(topic, payload))
    await whileConnected(client, options, client.subscribeAsync([...figures.topics], { qos: 0 }), signal)
    return client
  }
  const ask = async (signal: AbortSignal): Promise<Findings> => {
    const client = await connection(signal)
    try {
      await whileConnected(client, options, client.unsubscribeAsync(questionTopic), signal)
    } catch (error) {
      // A connection that left a question unanswered is not kept: the next probe tells whether a new one can be had.
      client.end(true)
      throw error
    }
    return { state: 'up', reason: null }
  }

  return {
    id: 'mosquitto',
    probe: (signal): Promise<EngineStatus> => observer.probe(() => ask(AbortSignal.any([signal, closed.signal]))),
    provision: async () => [],
    traffic: () => (kept?.connected ? figures.traffic() : null),
    tap: async (request) => {
      const client = await openTap(options, request)
      taps.add(client)
      client.once('close', () => taps.delete(client))
      return { close: () => quietly(client) }
    },
    close: async () => {
      closed.abort(new Error('the engine was closed'))
      const all = [...taps, ...(kept ? [kept] : [])]
      kept = null
      await Promise.all(all.map(quietly))
    },
  }
}

/** A subscription of its own with QoS 0: it takes nothing from the connector's session and slows nobody down. */
async function openTap(options: MosquittoOptions, request: TapRequest): Promise<MqttClient> {
  const signal = AbortSignal.timeout(5_000)
  const client = await open(options, 'tap', signal)
  client.on('message', (_topic, _payload, packet) => request.onMessage(tapMessage(packet)))
  try {
    await whileConnected(client, options, client.subscribeAsync(request.topic, { qos: 0 }), signal)
  } catch (error) {
    client.end(true)
    throw error
  }
  client.once('close', () => {
    if (!client.disconnecting) request.onEnd(explain(options, new Error('it closed the connection')))
  })
  return client
}

async function quietly(client: MqttClient): Promise<void> {
  await client.endAsync(true).catch(() => {})
}
