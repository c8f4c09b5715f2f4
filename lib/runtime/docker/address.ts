/**
 * Where an engine listens, as Docker's own client finds it: DOCKER_HOST, else the context that is in use, else the socket of a
 * rootless engine, else the usual one. Contexts: https://docs.docker.com/engine/manage-resources/contexts/.
 */
import { createHash } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Config } from '#lib/config.ts'
import { readClientSettings } from './client-settings.ts'
import { DockerError } from './errors.ts'
import type { EngineAddress } from './wire.ts'

export const usualSocket = '/var/run/docker.sock'

/** Ports of services are opened on the loopback of the engine's machine, so that must be this one. */
const loopback = ['localhost', '127.0.0.1', '::1', '[::1]']

const ClientSettings = z.looseObject({ currentContext: z.string().optional() })
const Context = z.looseObject({
  Endpoints: z.looseObject({ docker: z.looseObject({ Host: z.string() }) }),
})

/** Throws DockerError (`rejected`) for an address that cannot be used, with what to do. */
export async function findAddress({ docker }: Pick<Config, 'docker'>): Promise<EngineAddress> {
  if (docker.host !== null) return addressOf(docker.host, docker.certDir, 'DOCKER_HOST')
  const context = docker.context ?? (await contextInUse(docker.clientDir))
  if (context !== null && context !== 'default') return contextAddress(docker.clientDir, context)
  for (const socketPath of docker.rootlessSocket === null ? [] : [docker.rootlessSocket])
    if (await exists(socketPath)) return { socketPath }
  return { socketPath: usualSocket }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

const contextInUse = async (clientDir: string): Promise<string | null> =>
  (await readClientSettings(clientDir, ClientSettings))?.currentContext ?? null

async function contextAddress(clientDir: string, name: string): Promise<EngineAddress> {
  // Docker's client names the folder of a context after the digest of its name.
  const id = createHash('sha256').update(name).digest('hex')
  const file = join(clientDir, 'contexts/meta', id, 'meta.json')
  let host: string
  try {
    host = Context.parse(JSON.parse(await readFile(file, 'utf8'))).Endpoints.docker.Host
  } catch (cause) {
    throw new DockerError(
      'rejected',
      `The Docker context "${name}" cannot be read`,
      'See `docker context ls`, and choose another with `docker context use`.',
      { cause },
    )
  }
  const tlsDir = join(clientDir, 'contexts/tls', id, 'docker')
  return addressOf(host, tlsDir, `The Docker context "${name}"`, givesCertificates(name, host))
}

const givesCertificates = (context: string, host: string) =>
  `Give it them (docker context update ${context} --docker host=${host},ca=FILE,cert=FILE,key=FILE), or use the socket.`

async function addressOf(
  text: string,
  certDir: string | null,
  source: string,
  remedy = 'Set DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem, or use the socket.',
): Promise<EngineAddress> {
  const refuse = (why: string, hint: string) => new DockerError('rejected', `${source} is ${text}: ${why}`, hint)
  if (text.startsWith('unix://')) return { socketPath: text.slice('unix://'.length) }
  if (!text.startsWith('tcp://') || !URL.canParse(text))
    throw refuse('only unix:// and tcp:// are understood', 'Use one of them, or run the services as processes.')
  const { hostname, port } = new URL(text)
  if (!loopback.includes(hostname))
    throw refuse(
      'that engine may be on another machine, where the console could not reach what services offer',
      'Use an engine of this machine, or run the console over there.',
    )
  const parts = certDir === null ? null : await certificates(certDir)
  if (parts === null) throw refuse('TCP is used with certificates of both sides only', remedy)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || '2376'), ...parts }
}

async function certificates(dir: string): Promise<{ ca: string; cert: string; key: string } | null> {
  const read = (name: string) => readFile(join(dir, `${name}.pem`), 'utf8')
  try {
    const [ca, cert, key] = await Promise.all([read('ca'), read('cert'), read('key')])
    return { ca, cert, key }
  } catch {
    return null
  }
}
