/** Where services run in containers: service names as hosts, the engines' own ports, folders of volumes and images. */
import { type Config, loadConfig } from '#lib/config.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { secret } from '#lib/secrets.ts'
import type { PortName, Site } from '../definition.ts'

/** In a container nothing clashes, so whatever the settings say, services keep their usual ports. */
export const innerPorts: Config['ports'] = loadConfig({ NODE_ENV: 'production' }).ports

export const confDir = '/conf'
export const dataDir = (service: ServiceId): string => `/data/${service}`

export interface DockerSite extends Site {
  /** Where the console reaches what containers offer: ports of this machine that lead to theirs. */
  reach(port: PortName): { readonly host: string; readonly port: number }
}

/** Debian's package; matches docker/mosquitto/Dockerfile. */
const mosquitto = { command: '/usr/sbin/mosquitto', env: {}, version: '2.0.11' }

export function dockerSite(config: Config): DockerSite {
  return {
    bind: '0.0.0.0',
    host: (service) => service,
    port: (name) => innerPorts[name],
    reach: (name) => ({ host: config.host, port: config.ports[name] }),
    dataDir,
    confDir: () => confDir,
    artifactDir: (artifact) => `/opt/${artifact}`,
    command: (artifact) => {
      if (artifact !== 'mosquitto') throw new Error(`No image holds a native program of "${artifact}"`)
      return mosquitto
    },
    secret: (name) => secret(config.homeDir, name),
    supersetDatabase: config.supersetDatabase,
  }
}
