/** Why an image is not fetched, in the engine's words, with what to do about it. */
import type Docker from 'dockerode'
import { DockerError, HttpFailure } from '../errors.ts'
import { freeOnEngine, makeRoom, tellsFullDisk } from '../full-disk.ts'
import { registryOf } from './credentials.ts'

/** Of what a pull has failed with; `login` tells why no login was sent along, where there is a reason. */
export async function pullFault(docker: Docker, name: string, error: unknown, login: string | null): Promise<Error> {
  const why = reasonOf(error)
  if (why === null) return error as Error
  if (/^(aborted|socket hang up)$|ECONNRESET/.test(why))
    return new DockerError(
      'unreachable',
      `The Docker engine went away while it fetched the image ${name}`,
      'Start again when it is back.',
      { cause: error },
    )
  if (tellsFullDisk(why))
    return new DockerError(
      'disk-full',
      `The image ${name} cannot be fetched: the disk of the Docker engine is full${await freeOnEngine(docker)}`,
      makeRoom,
    )
  const told = login === null ? why : `${why}; ${login}`
  return new DockerError(
    'image-missing',
    `The image ${name}, named in settings.json, cannot be fetched: ${told.replace(/\.$/, '')}`,
    remedyFor(why, registryOf(name)),
    { cause: error },
  )
}

/** null for a failure that says by itself what to do. */
function reasonOf(error: unknown): string | null {
  if (error instanceof DockerError) return error.cause instanceof HttpFailure ? error.cause.message : null
  return error instanceof Error ? error.message : String(error)
}

/** By the words of Docker 20.10 to 28, of Go's TLS and of registries (https://distribution.github.io/distribution/spec/api/). */
function remedyFor(why: string, registry: string): string {
  const host = registry.includes('/') ? '' : registry
  if (
    /no basic auth credentials|unauthorized|authentication required|access denied|incorrect username|denied:/i.test(why)
  )
    return `Log in on this machine (${`docker login ${host}`.trim()}), or correct the name in settings.json, then start again.`
  if (/x509:|certificate/.test(why))
    return `Give the engine the CA of the registry: /etc/docker/certs.d/${host}/ca.crt on its machine. Then start again.`
  if (/HTTP response to HTTPS client/.test(why))
    return 'That registry has no TLS: name it in insecure-registries of the engine (/etc/docker/daemon.json), or give it TLS.'
  if (
    /connection refused|no such host|dial |i\/o timeout|EOF|deadline exceeded|reset by peer|unreachable|Client\.Timeout/.test(
      why,
    )
  )
    return 'Start again when that registry can be reached, or bring the image to this engine (docker load).'
  return 'Correct its name, bring it to this engine (docker pull, docker load), or take it out of settings.json.'
}
