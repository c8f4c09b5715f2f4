/**
 * The way to a Docker engine: dockerode, with a dialler of our own in place of docker-modem's. Everything dockerode does goes through
 * `dial`, and `dial` sends only what the guard admits; neither DOCKER_HOST nor any other setting of the environment is looked at.
 */
import { Readable } from 'node:stream'
import Docker from 'dockerode'
import { explainFailure } from './errors.ts'
import { type AdmittedRequest, Guard, GuardError, type Scope } from './guard/index.ts'
import { askOf, collect, type EngineAddress, failure, send } from './wire.ts'

export type { EngineAddress } from './wire.ts'

/** What dockerode hands to docker-modem's `dial`, as far as it matters here. */
export interface DialOptions {
  readonly path: string
  readonly method?: string
  /** Query, body or both; `_query` and `_body` tell them apart. */
  readonly options?: Readonly<Record<string, unknown>>
  readonly file?: unknown
  readonly authconfig?: object
  readonly hijack?: boolean
  readonly openStdin?: boolean
  readonly isStream?: boolean
  /** `true` marks the good ones. */
  readonly statusCodes?: Readonly<Record<number, unknown>>
  readonly abortSignal?: AbortSignal
}

type Dial = (options: DialOptions, callback: (error: Error | null, result: unknown) => void) => void

/**
 * A dockerode whose every request passes the guard. Refused ones reject with GuardError, failed ones with DockerError; `onOutcome` is told
 * of each what it rejects with, and null of one that is answered well.
 */
export function openDocker(
  address: EngineAddress,
  scope: Scope,
  onOutcome: (error: Error | null) => void = () => {},
): Docker {
  const guard = new Guard(scope, askOf(address))
  const dial: Dial = (options, callback) => {
    carry(address, guard, options).then(
      (result) => {
        onOutcome(null)
        callback(null, result)
      },
      (error: unknown) => {
        const explained = explainFailure(error, address)
        onOutcome(explained)
        callback(explained, null)
      },
    )
  }
  // Nothing else of docker-modem is there, so nothing else of it can open a connection.
  const modem = { dial, Promise }
  return new Docker({ modem } as unknown as Docker.DockerOptions)
}

async function carry(address: EngineAddress, guard: Guard, options: DialOptions) {
  if (options.hijack || options.openStdin)
    throw new GuardError('hijacked connections', 'a connection whose bytes nobody checks is never opened')
  const archive = archiveOf(options)
  const { url, body } = requestOf(options)
  const request = { method: options.method ?? 'GET', url, body: archive === null ? body : ('stream' as const) }
  const admitted = await guard.admit(request)
  const registryAuth = pulls(admitted) ? options.authconfig : undefined
  const response = await send(address, admitted, { archive, signal: options.abortSignal, registryAuth })
  if (options.statusCodes?.[response.statusCode ?? 0] !== true) throw await failure(response)
  if (options.isStream) return response
  const bytes = await collect(response)
  const isJson = bytes.length > 0 && response.headers['content-type']?.startsWith('application/json')
  return isJson ? JSON.parse(bytes.toString('utf8')) : bytes
}

/** The guard has admitted it for a named image alone; a login goes with nothing else. */
const pulls = ({ method, path }: AdmittedRequest) => method === 'POST' && path.startsWith('/images/create?fromImage=')

function archiveOf({ file }: DialOptions): Readable | null {
  if (file === undefined || file === null) return null
  // docker-modem would read a file of that name.
  if (typeof file === 'string') throw new GuardError('archives', 'an archive is given as a stream, not by its path')
  return Buffer.isBuffer(file) ? Readable.from([file]) : (file as Readable)
}

/** dockerode hands query and body over as one object; those of `create` are the body, with the name of a container in the query. */
function requestOf({ path, method, options = {}, file }: DialOptions): {
  url: string
  body: string | null
} {
  const { _query, _body, abortSignal: _, authconfig: __, ...flat } = options
  const bare = path.endsWith('?') ? path.slice(0, -1) : path
  const makes = /^\/(containers|networks|volumes)\/create$/.test(bare) && _body === undefined
  const { name, ...rest } = flat
  const query = makes ? (bare.startsWith('/containers') ? { name } : {}) : ((_query ?? flat) as Record<string, unknown>)
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue
    search.append(key, typeof value === 'object' ? JSON.stringify(value) : String(value))
  }
  const json = makes ? (bare.startsWith('/containers') ? rest : flat) : _body
  const body = method === 'GET' || file || json === undefined ? null : JSON.stringify(json)
  const separator = bare.includes('?') ? '&' : '?'
  return { url: search.size === 0 ? bare : `${bare}${separator}${search}`, body }
}
