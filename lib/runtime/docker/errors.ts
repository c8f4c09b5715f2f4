/** What can go wrong with an engine, told so that a person can act on it. */
import { makeRoom, tellsFullDisk } from './full-disk.ts'
import { tlsFault } from './tls-faults.ts'
import type { EngineAddress } from './wire.ts'

export type DockerErrorCode =
  | 'unreachable'
  | 'denied'
  | 'timeout'
  | 'image-missing'
  | 'name-taken'
  | 'port-taken'
  | 'in-use'
  | 'disk-full'
  | 'build'
  | 'rejected'

/** `hint` is the next action for a person; `status` the engine's HTTP status where it answered. */
export class DockerError extends Error {
  readonly code: DockerErrorCode
  readonly hint: string
  readonly status: number | null
  constructor(
    code: DockerErrorCode,
    message: string,
    hint: string,
    options: { status?: number; cause?: unknown } = {},
  ) {
    super(`${message}. ${hint}`, { cause: options.cause })
    this.name = 'DockerError'
    this.code = code
    this.hint = hint
    this.status = options.status ?? null
  }
}

/** An answer of the engine with a status that was not hoped for. */
export class HttpFailure extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export const hasStatus = (error: unknown, ...statuses: number[]): boolean =>
  error instanceof DockerError && error.status !== null && statuses.includes(error.status)

const placeOf = (address: EngineAddress) =>
  'socketPath' in address ? address.socketPath : `${address.host}:${address.port}`

/** Guard refusals and aborts pass unchanged; all else becomes a DockerError. */
export function explainFailure(error: unknown, address: EngineAddress): Error {
  if (error instanceof HttpFailure) return explainAnswer(error)
  if (!(error instanceof Error)) return new Error(String(error))
  const code = 'code' in error ? String(error.code) : ''
  const place = placeOf(address)
  const tls = 'host' in address ? tlsFault(code, error.message, address) : null
  // Not as the cause: it carries whole certificates, and says nothing more.
  if (tls !== null) return new DockerError(tls.code ?? 'denied', tls.problem, tls.hint)
  if (code === 'EACCES')
    return new DockerError(
      'denied',
      `This user may not use the Docker engine at ${place}`,
      'Add the user to the group that owns the socket (often: docker) and log in again, or use rootless Docker.',
      { cause: error },
    )
  if (['ENOENT', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENOTFOUND', 'ECONNRESET', 'EPIPE'].includes(code))
    return new DockerError(
      'unreachable',
      `No Docker engine answers at ${place}`,
      'Start it (often: sudo systemctl start docker), or run the services as processes.',
      { cause: error },
    )
  if (code === 'ETIMEDOUT')
    return new DockerError(
      'timeout',
      `The Docker engine at ${place} does not answer`,
      'Look at its log, or restart it.',
      {
        cause: error,
      },
    )
  return error
}

function explainAnswer(failure: HttpFailure): DockerError {
  const { status, message } = failure
  // No engine says so: a gate that reaches none does.
  if (status === 502 || status === 504)
    return new DockerError(
      status === 504 ? 'timeout' : 'unreachable',
      `Beyond the gate: ${message.replace(/\.$/, '')}`,
      "See the gate's log.",
      { status },
    )
  if (status === 403 && message.startsWith('Refused before it reached Docker'))
    return new DockerError(
      'denied',
      `The gate: ${message}`,
      "Images of vendors must be named to it as well: AVIARY_IMAGES in docker/console/.env. For all else see the gate's log.",
      { status },
    )
  const taken = /(?:port is already allocated|address already in use)/.test(message)
  if (taken) {
    const port = /(?:0\.0\.0\.0|127\.0\.0\.1|::1?):(\d+)/.exec(message)?.[1]
    return new DockerError(
      'port-taken',
      `Port ${port ?? 'of a service'} of this machine is in use by another program`,
      `Stop that program, or choose another port (AVIARY_PORT_OFFSET moves all of them).`,
      { status },
    )
  }
  if (tellsFullDisk(message))
    return new DockerError('disk-full', 'The disk of the Docker engine is full', makeRoom, { status })
  // As managers say it: https://docs.docker.com/engine/swarm/admin_guide/#recover-from-losing-the-quorum
  if (/(?:swarm does not have a leader|code = DeadlineExceeded)/.test(message))
    return new DockerError(
      'rejected',
      'The swarm has no leader: no more than half of its managers answer. What runs goes on, and nothing can be started or stopped',
      'Start the managers that are away. If they are gone for good: docker swarm init --force-new-cluster, on this one.',
      { status },
    )
  return new DockerError('rejected', `Docker refuses with ${status}: ${message}`, 'See the log of the Docker engine.', {
    status,
    cause: failure,
  })
}
