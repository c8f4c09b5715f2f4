/** Every engine, by name, and everything that runs for them. A new engine is one folder and one line in each list here. */
import { join } from 'node:path'
import { type Logger, pino } from 'pino'
import type { Config } from '#lib/config.ts'
import type { EngineId } from '#lib/pipeline/stages.ts'
import type { ServiceDefinition, Site } from '#lib/runtime/definition.ts'
import { secret } from '#lib/secrets.ts'
import * as connect from './connect/index.ts'
import * as druid from './druid/index.ts'
import type { Engine } from './engine.ts'
import * as hive from './hive/index.ts'
import * as kafka from './kafka/index.ts'
import * as mosquitto from './mosquitto/index.ts'
import * as superset from './superset/index.ts'

/** Nothing is connected before it is first asked something. The caller closes each. */
export function engines({ host, ports, homeDir }: Config, log: Logger = pino({ enabled: false })) {
  const broker = `${host}:${ports.kafka}`
  const mqtt = { host, port: ports.mosquitto }
  const landingDir = join(homeDir, 'data', 'hive', 'landing')
  return {
    mosquitto: mosquitto.createMosquitto(mqtt),
    kafka: kafka.createKafka({ brokers: [broker], log }),
    connect: connect.createConnect({ url: `http://${host}:${ports.connect}`, mqtt, landingDir }),
    druid: druid.createDruid({ url: `http://${host}:${ports['druid-router']}`, bootstrapServers: broker }),
    hive: hive.createHive({ host, port: ports.hive, landingDir }),
    superset: superset.createSuperset({
      url: `http://${host}:${ports.superset}`,
      secret: (name) => secret(homeDir, name),
      origins: superset.origins(ports.console),
      druidUri: `druid://${host}:${ports['druid-router']}/druid/v2/sql/`,
      hiveUri: `hive://${hive.reader}@${host}:${ports.hive}/${hive.database}`,
    }),
  } satisfies Record<EngineId, Engine>
}

export type Engines = ReturnType<typeof engines>

const servicesOf = {
  mosquitto: mosquitto.services,
  kafka: kafka.services,
  connect: connect.services,
  druid: druid.services,
  hive: hive.services,
  superset: superset.services,
} satisfies Record<EngineId, (site: Site) => ServiceDefinition[]>

/** In the order of the line. */
export function serviceDefinitions(site: Site): ServiceDefinition[] {
  return Object.values(servicesOf).flatMap((services) => services(site))
}
