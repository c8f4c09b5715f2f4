/** The file `.env` beside `docker/console/compose.yaml`: what that file has to know of this machine. It holds no secret. */
import { stat } from 'node:fs/promises'
import type { Config } from '#lib/config.ts'
import { findAddress, usualSocket } from '../address.ts'
import { movedPorts, settingsHead } from './index.ts'

/** The stack of a console in a container is another than that of a console on the machine: with its own volumes, secrets and history. */
const projectOf = (project: string): string => `${project}-inside`

/** Rejects with DockerError as findAddress does. */
export async function consoleSettings(config: Config, project: string): Promise<string> {
  const address = await findAddress(config)
  const socketPath = 'socketPath' in address ? address.socketPath : usualSocket
  // Seen from its containers the user of an engine without root is root.
  const rootless = socketPath === config.docker.rootlessSocket
  const group = rootless
    ? 0
    : await stat(socketPath).then(
        ({ gid }) => gid,
        () => null,
      )
  const [files] = config.dataDirs
  const lines = [
    `COMPOSE_PROJECT_NAME=${projectOf(project)}`,
    // The services are of this project too, and not in this file.
    'COMPOSE_IGNORE_ORPHANS=true',
    `AVIARY_DOCKER_SOCKET=${socketPath}`,
    ...(group === null ? [] : [`AVIARY_DOCKER_GROUP=${group}`]),
    ...(files === undefined ? [] : [`AVIARY_FILES=${files}`]),
    ...(Object.values(config.images).length === 0 ? [] : [`AVIARY_IMAGES=${Object.values(config.images).join(' ')}`]),
    ...movedPorts(config),
  ]
  return `${settingsHead}${lines.join('\n')}\n`
}
