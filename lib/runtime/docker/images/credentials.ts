/**
 * What `docker login` has kept for a registry, as Docker's own client finds it: in its settings, or with a credential helper.
 * https://docs.docker.com/reference/cli/docker/login/#credential-stores, https://github.com/docker/docker-credential-helpers.
 */
import { execFile } from 'node:child_process'
import { z } from 'zod'
import { readClientSettings } from '../client-settings.ts'

const helperWithinMs = 10_000

/** As the engine wants it in `X-Registry-Auth`. Secret. */
export interface RegistryAuth {
  readonly username?: string
  readonly password?: string
  readonly identitytoken?: string
  readonly serveraddress: string
}

const Entry = z.looseObject({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
})
const ClientSettings = z.looseObject({
  auths: z.record(z.string(), Entry).optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
})
const HelperAnswer = z.looseObject({ Username: z.string(), Secret: z.string() })

/** Docker's client keeps its own hub under this name. */
const hub = 'https://index.docker.io/v1/'

/** By the rule of https://github.com/distribution/reference: the first part is a host when it could not be a repository's. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/')
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  return isHost && first !== 'docker.io' && first !== 'index.docker.io' ? first : hub
}

/** null where nothing is kept for the image's registry. Rejects with Error where a helper that is named cannot be asked. */
export async function credentialsFor(
  image: string,
  { clientDir, searchPath }: { readonly clientDir: string; readonly searchPath: string },
): Promise<RegistryAuth | null> {
  const registry = registryOf(image)
  const settings = await readClientSettings(clientDir, ClientSettings)
  if (settings === null) return null
  const helper = settings.credHelpers?.[registry] ?? settings.credsStore
  if (helper) return askHelper(helper, registry, searchPath)
  const kept = Object.entries(settings.auths ?? {})
  const entry = kept.find(([key]) => key === registry) ?? kept.find(([key]) => hostOf(key) === registry)
  return entry === undefined ? null : authOf(entry[1], registry)
}

/** Older clients kept the address, not the host. */
const hostOf = (key: string) => key.replace(/^https?:\/\//, '').split('/')[0]

function authOf({ auth, username, password, identitytoken }: z.infer<typeof Entry>, registry: string) {
  const serveraddress = registry
  if (identitytoken) return { identitytoken, serveraddress }
  if (username && password) return { username, password, serveraddress }
  const [, name = '', secret = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(auth ?? '', 'base64').toString('utf8')) ?? []
  return name === '' ? null : { username: name, password: secret.replace(/\0+$/, ''), serveraddress }
}

async function askHelper(helper: string, registry: string, searchPath: string): Promise<RegistryAuth | null> {
  const command = `docker-credential-${helper}`
  if (!/^[A-Za-z0-9_.-]+$/.test(helper)) throw new Error(`"${command}" is no name of a credential helper`)
  const { code, out } = await run(command, registry, searchPath)
  // Its answer for a registry nobody has logged in to, with exit status 1.
  if (code !== 0 && out.includes('credentials not found')) return null
  const answer = HelperAnswer.safeParse(code === 0 ? safeJson(out) : null)
  if (!answer.success) throw new Error(`the credential helper ${command} does not give those for ${registry}`)
  const { Username, Secret } = answer.data
  if (Username === '<token>') return { identitytoken: Secret, serveraddress: registry }
  return { username: Username, password: Secret, serveraddress: registry }
}

function run(command: string, input: string, searchPath: string): Promise<{ code: number; out: string }> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: searchPath }
    const child = execFile(command, ['get'], { timeout: helperWithinMs, env }, (error, out) => {
      if (error !== null && typeof error.code !== 'number')
        reject(new Error(`the credential helper ${command} cannot be run`))
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, out })
    })
    // One that reads nothing ends before all is written.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
