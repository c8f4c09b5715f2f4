/** Where services run in containers: service names as hosts, the engines' own ports, folders of volumes and images. */
import { type Config, defaultPorts } from '#lib/config.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { secret } from '#lib/secrets.ts'
import type { Address, NativeCommand, PortName, Site } from '../definition.ts'

/** In a container nothing clashes, so whatever the settings say, services keep their usual ports. */
export const innerPorts: Config['ports'] = defaultPorts

export const confDir = '/conf'
export const dataDir = (service: ServiceId): string => `/data/${service}`

/** Kafka's listener for clients outside of the containers' network; the engine leads the port of this machine there. */
const kafkaOutside = 9094

/** Ports of containers that ports of this machine lead to. */
export const published: Config['ports'] = { ...innerPorts, kafka: kafkaOutside }

/** Native programs of the images; versions as in their Dockerfiles. */
const commands: Readonly<Record<string, NativeCommand>> = {
  mosquitto: { command: '/usr/sbin/mosquitto', env: {}, version: '2.0.11' },
  superset: {
    command: '/usr/bin/python3',
    env: { PYTHONPATH: '/opt/superset/site', PYTHONNOUSERSITE: '1' },
    version: '6.1.0',
  },
}

export function dockerSite(config: Config): Site {
  const onMachine = (name: PortName): Address => ({ host: config.host, port: config.ports[name] })
  return {
    bind: '0.0.0.0',
    host: (service) => service,
    ownHost: (service) => service,
    // The console is where browsers find it, on this machine.
    port: (name) => (name === 'console' ? config.ports.console : innerPorts[name]),
    reach: (service) => (config.inside ? { host: service, port: innerPorts[service] } : onMachine(service)),
    outside: (name) => (name === 'kafka' ? { port: kafkaOutside, announced: onMachine('kafka') } : null),
    dataDir,
    confDir: () => confDir,
    launcherDir: () => confDir,
    artifactDir: (artifact) => `/opt/${artifact}`,
    command: (artifact) => {
      const command = commands[artifact]
      if (command === undefined) throw new Error(`No image holds a native program of "${artifact}"`)
      return command
    },
    secret: (name) => secret(config.homeDir, name),
    supersetDatabase: config.supersetDatabase,
    external: config.external,
  }
}
