/** Every engine, by name, and everything that runs for them. A new engine is one folder and one line in each list here. */
import { type Logger, pino } from 'pino'
import type { Config } from '#lib/config.ts'
import type { EngineId } from '#lib/pipeline/stages.ts'
import type { ServiceDefinition, Site } from '#lib/runtime/definition.ts'
import * as connect from './connect/index.ts'
import * as druid from './druid/index.ts'
import type { Engine } from './engine.ts'
import * as kafka from './kafka/index.ts'
import * as mosquitto from './mosquitto/index.ts'

/** Nothing is connected before it is first asked something. The caller closes each. */
export function engines({ host, ports }: Config, log: Logger = pino({ enabled: false })) {
  const broker = `${host}:${ports.kafka}`
  const mqtt = { host, port: ports.mosquitto }
  return {
    mosquitto: mosquitto.createMosquitto(mqtt),
    kafka: kafka.createKafka({ brokers: [broker], log }),
    connect: connect.createConnect({ url: `http://${host}:${ports.connect}`, mqtt }),
    druid: druid.createDruid({ url: `http://${host}:${ports['druid-router']}`, bootstrapServers: broker }),
  } satisfies Record<EngineId, Engine>
}

export type Engines = ReturnType<typeof engines>

const servicesOf = {
  mosquitto: mosquitto.services,
  kafka: kafka.services,
  connect: connect.services,
  druid: druid.services,
} satisfies Record<EngineId, (site: Site) => ServiceDefinition[]>

/** In the order of the line. */
export function serviceDefinitions(site: Site): ServiceDefinition[] {
  return Object.values(servicesOf).flatMap((services) => services(site))
}
