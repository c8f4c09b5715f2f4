/** A service in the image of its vendor: fetched, run as our user, with volumes that belong to it, and nothing else admitted. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import { serviceDefinitions } from '#lib/engines/registry.ts'
import type { PrepareProgress } from '../../runtime.ts'
import { openDocker } from '../engine.ts'
import { containerBody } from '../guard/bodies.ts'
import { scopeOf } from '../guard/scope.ts'
import { createDockerRuntime, dockerSite } from '../index.ts'
import { type ServiceSpec, specOf } from '../spec.ts'
import { FakeDocker } from '../testing/fake-docker.ts'
import { service } from '../testing/sample-service.ts'
import { builtFor, imageOf, imageRef } from './index.ts'
import { ensurePulled } from './pull.ts'

const name = 'registry.test:5000/apache/kafka:4.1.0'
const pinned = `eclipse-mosquitto@sha256:${'a'.repeat(64)}`
const config = { ...loadConfig({ NODE_ENV: 'test' }), images: { kafka: name, mosquitto: pinned } }
const scope = scopeOf('birds', [name, pinned])
const definitions = serviceDefinitions(dockerSite(config))
const kafka = definitions.find(({ id }) => id === 'kafka')!
const never = new AbortController().signal

describe('the container', () => {
  it('runs the same configuration from where the vendor has the jars, as the user of ours', async () => {
    const spec = await specOf(kafka, { config, scope, ...(await imageOf(kafka, config)) })
    const ours = await specOf(kafka, { config, scope, image: await imageRef('kafka', config) })
    expect(spec.body).toMatchObject({ Image: name, User: '1000:1000', Entrypoint: [] })
    // A start archive fits one image.
    const command = ({ body }: ServiceSpec) => JSON.stringify(body.Cmd).replaceAll(/service-[0-9a-f]{16}/g, 'service')
    const moved = command(ours).replaceAll("'@/opt/kafka.class-path'", "'-cp' '/opt/kafka/libs/*'")
    expect(command(spec)).toBe(moved)
    expect(spec.conf).toEqual(ours.conf)
    expect(ours.body).not.toHaveProperty('User')
    expect(ours.owners).toEqual([])
    expect(containerBody(scope).safeParse(spec.body).error).toBeUndefined()
  })

  it('needs of ours the base alone', () => {
    expect(builtFor(definitions, config).slice(0, 3)).toEqual(['base', 'base', 'connect'])
    expect(new Set(builtFor(definitions, { ...config, images: {} })).has('base')).toBe(false)
  })

  it('may not run as root', async () => {
    const { body } = await specOf(kafka, { config, scope, ...(await imageOf(kafka, config)) })
    expect(containerBody(scope).safeParse({ ...body, User: '0:0' }).success).toBe(false)
  })

  it('has its volumes made its own before it is made, by a container that never starts', async () => {
    const engine = new FakeDocker()
    await engine.listen()
    engine.images.add(pinned).add(await imageRef('base', config))
    const address = { socketPath: engine.socketPath }
    const log = pino({ enabled: false })
    const runtime = createDockerRuntime({ config, log, address, project: 'birds', debian: 'debian:x' })
    await runtime.start(service(), () => {}, never)
    const made = engine.acts.filter((act) => /containers/.test(act))
    expect(made).toEqual([
      ...['POST /containers/create', 'DELETE /containers/ID', 'POST /containers/create'],
      ...['PUT /containers/ID/archive', 'POST /containers/ID/start'],
    ])
    expect([...engine.containers.values()].map((each) => each.name)).toEqual(['birds-mosquitto-1'])
    await runtime.close()
    await engine.close()
  })
})

describe('the image', () => {
  let folder: string
  let server: Server
  let asked: string[]
  let there: boolean
  let lines: object[]
  let logins: string[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aviary-pull-'))
    ;[asked, there, lines, logins] = [[], false, [], []]
    server = createServer((request, response) => {
      const header = request.headers['x-registry-auth']
      if (header !== undefined) logins.push(`${request.method} ${header}`)
      asked.push(`${request.method} ${decodeURIComponent(request.url ?? '')}`)
      if (request.method === 'GET') return response.writeHead(there ? 200 : 404).end('{"message":"No such image"}')
      response.writeHead(200, { 'content-type': 'application/json' })
      return response.end(lines.map((line) => `${JSON.stringify(line)}\r\n`).join(''))
    })
    await new Promise<void>((done) => server.listen(join(folder, 'docker.sock'), done))
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
    await rm(folder, { recursive: true, force: true })
  })
  const login = async () => ({ username: 'bird', password: 'ÿ>?', serveraddress: 'registry.test:5000' })
  const pull = async (image: string, allowed = scope) => {
    const progress: PrepareProgress[] = []
    const docker = openDocker({ socketPath: join(folder, 'docker.sock') }, allowed)
    await ensurePulled(docker, image, { onProgress: (each) => progress.push(each), signal: never, login })
    return progress
  }

  it('is fetched with progress by layer, where it is missing', async () => {
    lines = [
      { status: 'Pulling from apache/kafka', id: '4.1.0' },
      { status: 'Downloading', progressDetail: { current: 5, total: 10 }, id: 'f00' },
      { status: 'Status: Downloaded newer image' },
    ]
    const progress = await pull(name)
    expect(progress).toContainEqual({
      ...{ of: name, state: 'running', detail: 'layer f00: downloading', doneBytes: 5, totalBytes: 10 },
    })
    expect(progress.at(-1)).toMatchObject({ of: name, state: 'done' })
    expect(asked).toEqual([
      `GET /images/${name}/json`,
      'POST /images/create?fromImage=registry.test:5000/apache/kafka&tag=4.1.0',
    ])
  })

  it('is fetched with the login for its registry, which goes with nothing else', async () => {
    await pull(name)
    const json = JSON.stringify(await login())
    // Padded, as Go reads it.
    expect(logins).toEqual([`POST ${Buffer.from(json).toString('base64').replaceAll('+', '-').replaceAll('/', '_')}`])
  })

  it.each([
    ['Head "https://r/v2/": no basic auth credentials', /docker login registry\.test:5000/],
    ['x509: certificate signed by unknown authority', /certs\.d\/registry\.test:5000\/ca\.crt/],
    ['dial tcp 10.0.0.1:5000: connect: connection refused', /when that registry can be reached/],
    ['http: server gave HTTP response to HTTPS client', /insecure-registries/],
  ])('that fails with "%s" says what to do', async (error, remedy) => {
    lines = [{ error }]
    await expect(pull(name)).rejects.toMatchObject({ code: 'image-missing', hint: expect.stringMatching(remedy) })
  })

  it('is fetched by its digest', async () => {
    await pull(pinned)
    expect(asked).toEqual([
      `GET /images/${pinned}/json`,
      `POST /images/create?fromImage=eclipse-mosquitto&tag=sha256:${'a'.repeat(64)}`,
    ])
  })

  it('that is there is not asked for again', async () => {
    there = true
    expect(await pull(name)).toEqual([])
  })

  const why = 'manifest for apache/kafka:4.1.0 not found'
  it.each([[{ error: why }], [{ errorDetail: { message: why } }]])(
    'that cannot be fetched says why and what to do',
    async (line) => {
      lines = [line]
      await expect(pull(name)).rejects.toThrow(
        /kafka:4\.1\.0, named in settings.json, cannot be fetched: manifest.*docker load/s,
      )
    },
  )

  it('for which there is no room says so', async () => {
    lines = [{ error: 'failed to register layer: write /x: no space left on device' }]
    await expect(pull(name)).rejects.toMatchObject({
      ...{ code: 'disk-full', hint: expect.stringContaining('docker system prune') },
      message: expect.stringContaining(
        `The image ${name} cannot be fetched: the disk of the Docker engine is full. Make`,
      ),
    })
  })

  it('that the settings do not name is refused', async () => {
    await expect(pull('alpine:3')).rejects.toMatchObject({ name: 'GuardError' })
    await expect(pull(name, scopeOf('birds', ['registry.test:5000/apache/kafka:4.1.1']))).rejects.toMatchObject({
      name: 'GuardError',
    })
    expect(asked).toEqual([])
  })
})
