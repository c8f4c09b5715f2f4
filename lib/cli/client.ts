/** Talks to the console over HTTP, with the key that only its user can read. */
import { readFile } from 'node:fs/promises'
import { cliKeyFile } from '#lib/auth/tokens.ts'
import { type ConsoleFile, readConsoleFile } from '#lib/home.ts'
import type { Overview } from '#lib/pipeline/snapshot.ts'
import { CliError, exitCodes } from './output.ts'

const patienceMs = 60_000

export class Client {
  readonly file: ConsoleFile
  readonly #key: string

  constructor(file: ConsoleFile, key: string) {
    this.file = file
    this.#key = key
  }

  /** Address for people; the console's cookie belongs to this name. */
  get address(): string {
    const url = new URL(this.file.url)
    url.hostname = 'localhost'
    return url.origin
  }

  get = <T>(path: string): Promise<T> => this.#json('GET', path)
  post = <T>(path: string, body: unknown = {}): Promise<T> => this.#json('POST', path, body)
  status = (): Promise<Overview> => this.get('/api/status')

  /** A body that goes on; ends when `signal` aborts. */
  async stream(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const reply = await this.#ask('GET', path, undefined, signal)
    return (reply.body as unknown as AsyncIterable<Uint8Array> | null) ?? (async function* () {})()
  }

  async #json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const reply = await this.#ask(method, path, body, AbortSignal.timeout(patienceMs))
    const text = await reply.text()
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  async #ask(method: string, path: string, body: unknown, signal: AbortSignal): Promise<Response> {
    let reply: Response
    try {
      reply = await fetch(this.file.url + path, {
        method,
        signal,
        headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
    } catch (error) {
      if ((error as Error).name === 'AbortError') throw error
      if ((error as Error).name === 'TimeoutError') {
        throw new CliError(
          exitCodes.failed,
          `The console at ${this.file.url} did not answer within ${patienceMs / 1000} s`,
        )
      }
      throw new NobodyThere(`The console at ${this.file.url} does not answer`)
    }
    if (reply.ok) return reply
    throw await refusal(reply)
  }
}

/** No console to talk to: exit status 3. */
export class NobodyThere extends CliError {
  constructor(message: string) {
    super(exitCodes.nobody, message, 'Start it with: aviary up')
  }
}

async function refusal(reply: Response): Promise<CliError> {
  const problem = (await reply.json().catch(() => ({}))) as { detail?: string; title?: string; hint?: string }
  const message = problem.detail ?? problem.title ?? `The console answered ${reply.status}`
  return new CliError(reply.status === 422 ? exitCodes.usage : exitCodes.failed, message, problem.hint)
}

/** The console of this home. Throws NobodyThere when none answers. */
export async function connect(homeDir: string): Promise<Client> {
  const file = await readConsoleFile(homeDir)
  if (file === null) throw new NobodyThere(`No console runs on ${homeDir}`)
  const key = await readFile(cliKeyFile(homeDir), 'utf8').catch(() => {
    throw new CliError(exitCodes.failed, `The key of the console cannot be read: ${cliKeyFile(homeDir)}`)
  })
  const client = new Client(file, key.trim())
  await client.get('/api/session')
  return client
}

/** As `connect`, but null when nobody is there. */
export async function findConsole(homeDir: string): Promise<Client | null> {
  return connect(homeDir).catch((error: unknown) => {
    if (error instanceof NobodyThere) return null
    throw error
  })
}
