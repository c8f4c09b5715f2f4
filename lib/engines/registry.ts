/** Every engine, by name, and everything that runs for them. A new engine is one folder and one line in each list here. */
import { join } from 'node:path'
import { type Logger, pino } from 'pino'
import type { EngineId, ServiceId } from '#lib/pipeline/stages.ts'
import type { Address, ExternalService, PortName, ServiceDefinition, Site } from '#lib/runtime/definition.ts'
import * as connect from './connect/index.ts'
import * as druid from './druid/index.ts'
import type { Engine } from './engine.ts'
import * as hive from './hive/index.ts'
import * as kafka from './kafka/index.ts'
import { kafkaClientSettings, kafkaClientSettingsElsewhere } from './kafka-java.ts'
import * as mosquitto from './mosquitto/index.ts'
import * as superset from './superset/index.ts'

/** Nothing is connected before it is first asked something. The caller closes each. */
export function engines(site: Site, log: Logger = pino({ enabled: false })) {
  const address = ({ host, port }: Address) => `${host}:${port}`
  /** As other services know it. */
  const among = (name: Extract<ServiceId, PortName>) => ({ host: site.host(name), port: site.port(name) })
  const { external } = site
  const broker = external.kafka?.brokers.join() ?? address(among('kafka'))
  const kafkaClient = kafkaClientSettings(external.kafka)
  const landingDir = join(site.dataDir('hive'), 'landing')
  return {
    mosquitto: mosquitto.createMosquitto(external.mosquitto ?? site.reach('mosquitto')),
    kafka: kafka.createKafka({ ...(external.kafka ?? { brokers: [address(site.reach('kafka'))] }), log }),
    connect: connect.createConnect({
      url: `http://${address(site.reach('connect'))}`,
      mqtt: external.mosquitto ?? among('mosquitto'),
      kafka: broker,
      kafkaClient,
      landingDir,
    }),
    druid: druid.createDruid({
      ...(external.druid ?? { url: `http://${address(site.reach('druid-router'))}` }),
      bootstrapServers: broker,
      kafkaClient: external.druid ? kafkaClientSettingsElsewhere(external.kafka) : kafkaClient,
    }),
    hive: hive.createHive({ ...site.reach('hive'), landingDir }),
    superset: superset.createSuperset({
      url: `http://${address(site.reach('superset'))}`,
      secret: site.secret,
      origins: superset.origins(site.port('console')),
      druid: external.druid ?? { url: `http://${address(among('druid-router'))}` },
      hiveUri: `hive://${hive.reader}@${address(among('hive'))}/${hive.database}`,
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

/** What Aviary runs itself, in the order of the line. Needs may name an external service. */
export function serviceDefinitions(site: Site): ServiceDefinition[] {
  const { external } = site
  return Object.values({
    ...servicesOf,
    ...(external.mosquitto ? { mosquitto: () => [] } : {}),
    ...(external.kafka ? { kafka: () => [] } : {}),
    ...(external.druid ? { druid: () => [] } : {}),
  }).flatMap((services) => services(site))
}

/** What runs elsewhere in its place. */
export function externalServices({ external }: Site): ExternalService[] {
  return [
    ...(external.mosquitto ? [mosquitto.externalService(external.mosquitto)] : []),
    ...(external.kafka ? [kafka.externalService(external.kafka)] : []),
    ...(external.druid ? [druid.externalService(external.druid)] : []),
  ]
}
