/** For tests: a Docker engine with a memory, on the wire as the real one (API 1.41) as far as the runtime uses it. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { frame, imageIdOf, inspected, stats } from './fake-answers.ts'

type Labels = Record<string, string>

export interface FakeContainer {
  readonly id: string
  readonly name: string
  readonly body: { Labels?: Labels; HostConfig?: { Mounts?: { Source: string }[] } }
  status: 'created' | 'running' | 'exited'
  code: number
  oom: boolean
  startedAt: string
  /** What was put into /conf last. */
  conf: string
  log: string
}

export class FakeDocker {
  readonly containers = new Map<string, FakeContainer>()
  readonly networks = new Map<string, Labels>()
  readonly volumes = new Map<string, Labels>()
  readonly images = new Set<string>()
  /** `METHOD path` of what has changed something. */
  readonly acts: string[] = []
  /** Answers of the next starts, instead of the good one. */
  readonly startFaults: { status: number; message: string }[] = []
  /** Serves what it knows of; says whether it did. */
  more: ((call: Call, kind: string) => boolean) | null = null
  socketPath = ''
  #folder = ''
  readonly #events = new Set<ServerResponse>()
  readonly #streams = new Map<string, Set<ServerResponse>>()
  readonly #server = createServer((request, response) => void this.#serve(request, response))

  /** At the same place again after it went away. */
  async listen(): Promise<void> {
    if (this.#folder === '') this.#folder = await mkdtemp(join(tmpdir(), 'aviary-docker-'))
    this.socketPath = join(this.#folder, 'docker.sock')
    await new Promise<void>((done) => this.#server.listen(this.socketPath, done))
  }

  async close(): Promise<void> {
    await this.goAway()
    await rm(this.#folder, { recursive: true, force: true })
    this.#folder = ''
  }

  /** What it knows stays. */
  async goAway(): Promise<void> {
    this.#server.closeAllConnections()
    this.#events.clear()
    await new Promise((done) => this.#server.close(done))
  }

  /** As a restart of the engine does. */
  cutEvents(): void {
    for (const stream of this.#events) stream.destroy()
    this.#events.clear()
  }

  named(name: string): FakeContainer | undefined {
    return [...this.containers.values()].find((container) => container.name === name)
  }

  add(name: string, body: FakeContainer['body']): FakeContainer {
    const id = randomBytes(32).toString('hex')
    const fresh = { id, name, body, code: 0, oom: false, startedAt: '0001-01-01T00:00:00Z', conf: '', log: '' }
    const container: FakeContainer = { ...fresh, status: 'created' }
    this.containers.set(id, container)
    return container
  }

  begin(container: FakeContainer): void {
    Object.assign(container, { status: 'running', oom: false, startedAt: new Date().toISOString() })
    this.#tell(container, 'start')
  }

  /** The container's process ends. */
  end(container: FakeContainer, code: number, oom = false): void {
    Object.assign(container, { status: 'exited', code, oom })
    this.#tell(container, 'die', { exitCode: String(code) })
    for (const stream of this.#streams.get(container.id) ?? []) stream.end()
    this.#streams.delete(container.id)
  }

  say(container: FakeContainer, text: string): void {
    container.log += text
    for (const stream of this.#streams.get(container.id) ?? []) stream.write(frame(text))
  }

  #tell(container: FakeContainer, Action: string, more: Labels = {}): void {
    const event = {
      Type: 'container',
      Action,
      Actor: { ID: container.id, Attributes: { ...container.body.Labels, ...more } },
    }
    for (const stream of this.#events) stream.write(`${JSON.stringify(event)}\n`)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://engine')
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const method = request.method ?? ''
    if (method !== 'GET') this.acts.push(`${method} ${url.pathname.replace(/[0-9a-f]{64}/, 'ID')}`)
    const answer = (status: number, value?: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(value === undefined ? undefined : JSON.stringify(value))
    }
    const [, kind = '', name = '', verb = ''] = url.pathname.split('/')
    const call = { method, name, verb, url, body: Buffer.concat(parts).toString(), response, answer }
    if (this.more?.(call, kind)) return
    if (kind === 'version') answer(200, { ApiVersion: '1.41' })
    else if (kind === 'events') this.#follow(response)
    else if (kind === 'containers') this.#container(call)
    else if (kind === 'images') this.#image(call)
    else this.#named(call, kind === 'networks' ? this.networks : this.volumes, kind)
  }

  #follow(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
    this.#events.add(response)
  }

  #image({ url, name: first, verb, answer }: Call) {
    const described = (ref: string) => ({ Id: imageIdOf(ref), RepoTags: [ref] })
    if (first === 'json' && verb === '') return answer(200, [...this.images].map(described))
    const name = url.pathname.slice('/images/'.length, -'/json'.length)
    if (this.images.has(name)) return answer(200, described(name))
    return answer(404, { message: `No such image: ${name}` })
  }

  #named({ method, name, url, body, answer }: Call, all: Map<string, Labels>, kind: string) {
    if (method === 'GET') {
      const found = [...all].filter(([each, labels]) => fits(url, each, labels))
      const list = found.map(([Name, Labels]) => ({
        Name,
        Labels,
        Driver: kind === 'networks' ? 'bridge' : 'local',
        Options: null,
      }))
      return answer(200, kind === 'networks' ? list : { Volumes: list })
    }
    if (method === 'DELETE') {
      if (
        [...this.containers.values()].some(({ body: { HostConfig } }) =>
          HostConfig?.Mounts?.some(({ Source }) => Source === name),
        )
      )
        return answer(409, { message: 'volume is in use' })
      all.delete(name)
      return answer(204)
    }
    const made = JSON.parse(body) as { Name: string; Labels: Labels }
    if (all.has(made.Name) && kind === 'networks') return answer(409, { message: 'network exists' })
    if (!all.has(made.Name)) all.set(made.Name, made.Labels)
    return answer(201, { Name: made.Name, Id: made.Name })
  }

  #container(call: Call) {
    const { method, name, verb, url, body, answer } = call
    if (name === 'json') return answer(200, this.#list(url))
    if (name === 'create') return this.#create(call)
    const container = this.containers.get(name)
    if (container === undefined) return answer(404, { message: `No such container: ${name}` })
    if (method === 'DELETE') {
      this.containers.delete(name)
      if (container.status === 'running') this.end(container, 137)
      return answer(204)
    }
    if (verb === 'json') return answer(200, inspected(container))
    if (verb === 'logs') return this.#logs(container, call)
    if (verb === 'stats') return stats(call)
    if (verb === 'archive') {
      container.conf = body
      return answer(200)
    }
    if (verb === 'start') return this.#start(container, answer)
    if (verb === 'stop') {
      if (container.status !== 'running') return answer(304)
      this.end(container, 143)
    }
    return answer(204)
  }

  #list(url: URL): { Id: string; Labels: Labels }[] {
    const { volume = [] } = filtersOf(url)
    return [...this.containers.values()]
      .filter(({ id, body }) => fits(url, id, body.Labels ?? {}))
      .filter(({ body }) => volume.every((name) => body.HostConfig?.Mounts?.some(({ Source }) => Source === name)))
      .map(({ id, body }) => ({ Id: id, Labels: body.Labels ?? {} }))
  }

  #create({ url, body, answer }: Call): void {
    const name = url.searchParams.get('name') ?? ''
    const parsed = JSON.parse(body) as FakeContainer['body'] & { Image: string }
    if (!this.images.has(parsed.Image)) answer(404, { message: `No such image: ${parsed.Image}` })
    else if (this.named(name) !== undefined)
      answer(409, { message: `Conflict. The container name "/${name}" is in use` })
    else answer(201, { Id: this.add(name, parsed).id })
  }

  #start(container: FakeContainer, answer: Call['answer']) {
    const fault = this.startFaults.shift()
    if (fault !== undefined) return answer(fault.status, { message: fault.message })
    this.begin(container)
    return answer(204)
  }

  #logs(container: FakeContainer, { url, response }: Call) {
    response.writeHead(200, { 'content-type': 'application/vnd.docker.raw-stream' })
    const tail = Number(url.searchParams.get('tail'))
    const lines = container.log.split(/(?<=\n)/)
    const text = url.searchParams.has('since') || tail === 0 ? '' : lines.slice(-tail).join('')
    if (text !== '') response.write(frame(text))
    if (url.searchParams.get('follow') !== 'true' || container.status !== 'running') return response.end()
    response.flushHeaders()
    return this.#streams.set(container.id, (this.#streams.get(container.id) ?? new Set()).add(response))
  }
}

export interface Call {
  readonly method: string
  readonly name: string
  readonly verb: string
  readonly url: URL
  readonly body: string
  readonly response: ServerResponse
  readonly answer: (status: number, value?: unknown) => void
}

const filtersOf = (url: URL) => JSON.parse(url.searchParams.get('filters') ?? '{}') as Record<string, string[]>

function fits(url: URL, name: string, labels: Labels): boolean {
  const { label = [], id, name: names } = filtersOf(url)
  const wanted = id ?? names
  const all = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  return (
    label.every((each) => all.includes(each)) && (wanted === undefined || wanted.some((part) => name.startsWith(part)))
  )
}
