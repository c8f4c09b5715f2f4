/** Mosquitto as a service: one broker that queues without limit for the connector's session. */

import { readyBy } from '#lib/engines/elsewhere.ts'
import type { MqttBroker } from '#lib/external.ts'
import { askBytes, explainSilence, isReady, notReady } from '#lib/runtime/ask.ts'
import type { Address, ExternalService, Readiness, ServiceDefinition, Site } from '#lib/runtime/definition.ts'
import { open } from './client.ts'

/** MQTT 3.1.1 CONNECT, clean session, no client id, keep alive 10 s: answered by a CONNACK of four bytes. */
const connectPacket = Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 10, 0, 0])
const connackType = 0x20

async function ready({ host, port }: Address, signal: AbortSignal): Promise<Readiness> {
  const asked = `MQTT CONNECT ${host}:${port}`
  try {
    const question = { host, port, send: connectPacket, enough: (answer: Buffer) => answer.length >= 4 }
    const answer = await askBytes(question, signal)
    if (answer[0] !== connackType)
      return notReady(`${host}:${port} does not speak MQTT`, asked, answer.toString('latin1'))
    const said = `CONNACK ${answer[3]}`
    return answer[3] === 0
      ? isReady(asked, said)
      : notReady(`a connection is refused with MQTT code ${answer[3]}`, asked, said)
  } catch (error) {
    return notReady(explainSilence(error, `${host}:${port}`), asked, null)
  }
}

/** As a client: with TLS and credentials a raw question tells nothing. */
export function externalService(broker: MqttBroker): ExternalService {
  const address = `${broker.host}:${broker.port}`
  return {
    ...{ id: 'mosquitto', engine: 'mosquitto', address, users: ['connect'], insteadOf: ['mosquitto'] },
    ready: readyBy(`MQTT CONNECT ${address}`, async (signal) => {
      await (await open(broker, 'ready', signal)).endAsync()
      return 'CONNACK 0'
    }),
  }
}

export function services(site: Site): ServiceDefinition[] {
  const port = site.port('mosquitto')
  let version: string | null = null
  return [
    {
      id: 'mosquitto',
      engine: 'mosquitto',
      artifacts: ['mosquitto'],
      // The system's own Mosquitto may be newer than the one that would be fetched.
      get version() {
        try {
          version ??= site.command('mosquitto').version
        } catch {
          return 'not fetched yet'
        }
        return version
      },
      ports: ['mosquitto'],
      memoryMb: 16,
      needs: [],
      outlives: ['connect'],
      files: [
        {
          template: 'mosquitto/conf/mosquitto.conf',
          target: 'mosquitto.conf',
          values: { bind: site.bind, port, dataDir: site.dataDir('mosquitto') },
        },
      ],
      program: { kind: 'native', command: () => site.command('mosquitto'), args: ['-c', 'mosquitto.conf'] },
      stopGraceMs: 10_000,
      health: { kind: 'bytes', port: 'mosquitto', send: connectPacket, bytes: 4, answer: /^20020000$/ },
      ready: (signal) => ready(site.reach('mosquitto'), signal),
    },
  ]
}
