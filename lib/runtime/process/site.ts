/** Where services of the process runtime run: loopback, and folders below AVIARY_HOME. */
import { join } from 'node:path'
import { type ArtifactId, artifactFolder, artifactIds, nativeCommand } from '#lib/artifacts/index.ts'
import type { Config } from '#lib/config.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { secret } from '#lib/secrets.ts'
import type { Site } from '../definition.ts'

/** Folders of one service: what it keeps, and what the runtime knows about it. */
export const dataDir = (homeDir: string, service: ServiceId): string => join(homeDir, 'data', service)
export const serviceDir = (homeDir: string, service: ServiceId): string => join(homeDir, 'services', service)

function artifactId(name: string): ArtifactId {
  const id = artifactIds.find((known) => known === name)
  if (id === undefined) throw new Error(`There is no artifact "${name}"; known are ${artifactIds.join(', ')}`)
  return id
}

export function processSite(config: Config): Site {
  const artifactDir = (artifact: string) => artifactFolder(artifactId(artifact), config.cacheDir)
  return {
    bind: config.host,
    host: () => config.host,
    ownHost: () => config.host,
    port: (name) => config.ports[name],
    reach: (service) => ({ host: config.host, port: config.ports[service] }),
    outside: () => null,
    dataDir: (service) => dataDir(config.homeDir, service),
    confDir: (service) => join(serviceDir(config.homeDir, service), 'conf'),
    launcherDir: (service) => join(serviceDir(config.homeDir, service), 'conf'),
    artifactDir,
    command: (artifact) => {
      const command = nativeCommand(artifactId(artifact), artifactDir(artifact))
      if (command === null) throw new Error(`The artifact "${artifact}" has no program of its own`)
      return command
    },
    secret: (name) => secret(config.homeDir, name),
    supersetDatabase: config.supersetDatabase,
    external: config.external,
  }
}
