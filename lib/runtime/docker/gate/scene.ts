/** For tests: a gate before an engine, and a client of it that knows nothing but HTTP. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pino } from 'pino'
import { scopeOf } from '../guard/scope.ts'
import { ids, project, things } from '../guard/testing/samples.ts'
import { type FakeEngine, startFakeEngine } from '../testing/fake-engine.ts'
import { createGate } from './index.ts'

export const scope = scopeOf(project, ['apache/kafka:4.3.1'], false)

export interface Said {
  readonly method?: string
  readonly path: string
  readonly type?: string
  readonly body?: string | Readable
}

const listen = (server: Server, path: string) => new Promise<void>((done) => server.listen(path, done))
const close = (server: Server) => {
  server.closeAllConnections()
  return new Promise((done) => server.close(done))
}

export class GateScene {
  readonly folder: string
  readonly fake: FakeEngine
  /** What the gate has logged. */
  readonly told: { rule?: string; path?: string }[] = []
  readonly #servers: Server[] = []

  private constructor(folder: string, fake: FakeEngine) {
    this.folder = folder
    this.fake = fake
  }

  static async begin(): Promise<GateScene> {
    return new GateScene(await mkdtemp(join(tmpdir(), 'aviary-gate-')), await startFakeEngine(things))
  }

  get socketPath(): string {
    return join(this.folder, 'gate.sock')
  }

  async open(enginePath = this.fake.address.socketPath, jsonWithinMs = 30_000): Promise<void> {
    const log = pino({}, { write: (line: string) => this.told.push(JSON.parse(line)) })
    await this.#listen(createGate({ address: { socketPath: enginePath }, scope, log, jsonWithinMs }), this.socketPath)
  }

  /** Before an engine that answers who owns what as the fake one does, and all else with `say`. */
  async openBefore(say: RequestListener): Promise<void> {
    const path = join(this.folder, 'engine.sock')
    const engine = createServer((asked, response) => {
      const owns = asked.url?.startsWith('/containers/json')
      if (owns) response.end(JSON.stringify([{ Id: ids.own, Labels: {} }]))
      else say(asked, response)
    })
    await this.#listen(engine, path)
    await this.open(path)
  }

  ask({ method = 'GET', path, type, body = '' }: Said): Promise<IncomingMessage> {
    const { socketPath } = this
    return new Promise((resolve, reject) => {
      const headers = type === undefined ? {} : { 'content-type': type }
      const call = request({ socketPath, method, path, headers, agent: false }, resolve)
      call.on('error', reject)
      if (typeof body === 'string') call.end(body)
      else pipeline(body, call).catch(reject)
    })
  }

  async answerOf(said: Said) {
    const response = await this.ask(said)
    const parts: Buffer[] = []
    for await (const part of response) parts.push(part as Buffer)
    const text = Buffer.concat(parts).toString('utf8')
    return { status: response.statusCode, type: response.headers['content-type'], text }
  }

  async end(): Promise<void> {
    for (const server of this.#servers.reverse()) await close(server)
    await this.fake.close()
    await rm(this.folder, { recursive: true, force: true })
  }

  #listen(server: Server, path: string): Promise<void> {
    this.#servers.push(server)
    return listen(server, path)
  }
}
