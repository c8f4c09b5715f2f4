/** Where services run in a swarm: as in containers, but of some there are several, each with a name of its own. */
import type { Config } from '#lib/config.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { Site } from '../../definition.ts'
import { dockerSite } from '../site.ts'

/** Stands in a configuration for the name of the replica that reads it: all replicas of a service are given the same. */
export const ownHostMark = '@@HOSTNAME@@'

/** In memory. In no image, and no working directory to begin with: else it would have the rights of that, and nobody could write. */
export const swarmConfDir = '/run/conf'

/** Of the folders of a task the only one from which programs can be run: Swarm's file systems in memory are all without. */
export const launcherDir = '/tmp'

export const swarmSite = (config: Config): Site => ({
  ...dockerSite(config),
  ownHost: (_: ServiceId) => ownHostMark,
  confDir: () => swarmConfDir,
  launcherDir: () => launcherDir,
})
