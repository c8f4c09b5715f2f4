/** Building images: only what is missing, in order, with progress; a failed build says which step and why. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Config, loadConfig } from '#lib/config.ts'
import { serviceDefinitions } from '#lib/engines/registry.ts'
import { openDocker } from '../engine.ts'
import { scopeOf } from '../guard/scope.ts'
import { dockerSite } from '../site.ts'
import { madeOf } from './console.ts'
import { ensureImages, type ImageProgress, imageIdOf, imageIds, imageRef, removeOldImages } from './index.ts'

const debian = 'debian:bookworm-slim'
const good = [
  { stream: 'Step 1/2 : FROM x' },
  { status: 'Downloading', progressDetail: { current: 5, total: 10 }, id: 'layer' },
  { stream: 'Step 2/2 : RUN y' },
  { aux: { ID: 'sha256:1' } },
]

let folder: string
let config: Config
let server: Server
let images: Set<string>
let builds: { ref: string; base: unknown; context: string }[]
let lines: object[]
/** In the place of an answer to a build. */
let refusal: string | null
/** Tags that the engine lists as ours, and those of them that a container uses. */
let listed: string[]
let used: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aviary-images-'))
  config = { ...loadConfig({ NODE_ENV: 'test' }), rootDir: folder, cacheDir: join(folder, 'cache') }
  const { rootDir } = loadConfig({ NODE_ENV: 'test' })
  for (const id of imageIds) {
    await mkdir(join(folder, 'docker', id), { recursive: true })
    await cp(join(rootDir, 'docker', id, 'Dockerfile'), join(folder, 'docker', id, 'Dockerfile'))
  }
  await cp(join(rootDir, 'docker/superset/assets'), join(folder, 'docker/superset/assets'), { recursive: true })
  for (const name of madeOf) if (name !== 'docker') await writeFile(join(folder, name), '')
  ;[images, builds, lines, listed, used, refusal] = [new Set(), [], good, [], [], null]
  server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://engine')
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    response.setHeader('content-type', 'application/json')
    if (url.pathname === '/images/json') {
      const { label } = JSON.parse(url.searchParams.get('filters') ?? '{}') as { label?: string[] }
      return response.end(
        JSON.stringify(label?.[0] === 'io.aviary.image' ? listed.map((tag) => ({ RepoTags: [tag] })) : []),
      )
    }
    if (url.pathname === '/info') return response.end(JSON.stringify({ DockerRootDir: folder }))
    if (request.method === 'DELETE') {
      const tag = url.pathname.slice('/images/'.length)
      response.statusCode = used.includes(tag) ? 409 : 200
      if (!used.includes(tag)) listed = listed.filter((each) => each !== tag)
      return response.end('[]')
    }
    if (url.pathname !== '/build') {
      response.statusCode = images.has(url.pathname.slice('/images/'.length, -'/json'.length)) ? 200 : 404
      return response.end('{"message":"No such image"}')
    }
    const ref = url.searchParams.get('t') ?? ''
    const { BASE } = JSON.parse(url.searchParams.get('buildargs') ?? '{}') as { BASE?: string }
    builds.push({ ref, base: BASE, context: Buffer.concat(parts).toString('latin1') })
    if (refusal !== null) {
      response.statusCode = 500
      return response.end(JSON.stringify({ message: refusal }))
    }
    // As the engine does: what has failed gets no name.
    if (!lines.some((line) => 'error' in line || 'errorDetail' in line)) images.add(ref)
    return response.end(lines.map((line) => `${JSON.stringify(line)}\r\n`).join(''))
  })
  await new Promise<void>((done) => server.listen(join(folder, 'docker.sock'), done))
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  await rm(folder, { recursive: true, force: true })
})

const docker = () => openDocker({ socketPath: join(folder, 'docker.sock') }, scopeOf('birds', [debian]))
const build = (onProgress?: (progress: ImageProgress) => void) =>
  ensureImages(docker(), ['mosquitto'], { config, debian, onProgress })

describe('images', () => {
  it('are built from the base up, once, with progress by step and layer', async () => {
    const progress: ImageProgress[] = []
    await build((each) => progress.push(each))
    const [base, mosquitto] = [await imageRef('base', config), await imageRef('mosquitto', config)]
    expect(builds.map(({ ref, base: from }) => [ref, from])).toEqual([
      [base, debian],
      [mosquitto, base],
    ])
    expect(builds[1]?.context).toContain(await readFile(join(folder, 'docker/mosquitto/Dockerfile'), 'latin1'))
    expect(progress).toContainEqual(
      expect.objectContaining({
        image: 'base',
        step: 1,
        steps: 2,
        layer: { id: 'layer', doneBytes: 5, totalBytes: 10 },
      }),
    )
    expect(progress.at(-1)).toMatchObject({ image: 'mosquitto', phase: 'ready' })
    await build()
    expect(builds).toHaveLength(2)
  })

  it('are built anew when what they are made from changes, and those above them too', async () => {
    const before = await imageRef('mosquitto', config)
    await writeFile(join(folder, 'docker/base/Dockerfile'), 'FROM other')
    expect(await imageRef('mosquitto', config)).not.toBe(before)
  })

  it('are built anew when an asset that is copied into them changes', async () => {
    const before = await imageRef('superset', config)
    await writeFile(join(folder, 'docker/superset/assets/databases/druid.yaml'), 'other: true')
    expect(await imageRef('superset', config)).not.toBe(before)
  })

  it('begin with our own Debian where the official one is not there', async () => {
    images.add('aviary/debian:bookworm')
    await build()
    expect(builds[0]?.base).toBe('aviary/debian:bookworm')
  })

  it('begin with the official Debian where both are there', async () => {
    images.add('aviary/debian:bookworm').add(debian)
    await build()
    expect(builds[0]?.base).toBe(debian)
  })

  it('that cannot be built say at which step, why, and the last lines of that step', async () => {
    lines = [
      { stream: 'Step 1/2 : RUN x' },
      { stream: 'of an earlier step\n' },
      { stream: 'Step 2/2 : RUN y' },
      { stream: ' ---> Running in 4711\n' },
      { stream: 'Reading package lists...\n\u001b[91mE: no such package\n\u001b[0m' },
      { error: 'returned a non-zero code: 100' },
    ]
    await expect(build()).rejects.toMatchObject({
      code: 'build',
      message: expect.stringContaining('image base cannot be built: returned a non-zero code: 100'),
      hint: 'Step 2 of docker/base/Dockerfile said last: \nReading package lists...\nE: no such package',
    })
  })

  it('that cannot be built say so where an engine tells it in its newer words alone', async () => {
    lines = [{ stream: 'Step 1/1 : RUN x' }, { errorDetail: { code: 100, message: 'returned a non-zero code: 100' } }]
    await expect(build()).rejects.toThrow(/image base cannot be built: returned a non-zero code: 100/)
  })

  it.each([
    ['pull access denied for debian', /debian:bookworm-slim is not there.*aviary images --offline-base/],
    ['Get "x": dial tcp: lookup y: no such host', /debian:bookworm-slim is not there.*aviary images --offline-base/],
  ])('that cannot be built because of "%s" say what to do', async (error, message) => {
    lines = [{ stream: 'Step 1/3 : ARG BASE' }, { stream: 'Step 2/3 : FROM x' }, { error }]
    await expect(build()).rejects.toThrow(message)
  })

  it.each([
    ['in the words of the engine', [{ error: 'write /x: no space left on device' }]],
    [
      'in those of a program of the step, long before its end',
      [
        { stream: "E: You don't have enough free space in /var/cache/apt/archives/.\n" },
        { stream: `${'more\n'.repeat(9)}` },
        { error: 'returned a non-zero code: 100' },
      ],
    ],
  ])('that find the disk full say so, where, and what to do, and are built once there is room: %s', async (_, last) => {
    lines = [{ stream: 'Step 2/3 : RUN x' }, ...last]
    await expect(build()).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(
        /image base cannot be built: the disk of the Docker engine is full, at step 2 \(RUN\) of docker\/base\/Dockerfile; .*\d MB are free in .*docker system prune/,
      ),
    })
    lines = good
    await build()
    expect(builds.map(({ ref }) => ref.split(':')[0])).toEqual(['aviary/base', 'aviary/base', 'aviary/mosquitto'])
  })

  it('for whose files there is no room say so too', async () => {
    refusal = 'Error processing tar file(exit status 1): write /druid/x.jar: no space left on device'
    await expect(build()).rejects.toThrow(/image base cannot be built: .*is full, while what it is made of was handed/)
  })

  it('tell how much of what they are made of is on its way', async () => {
    const progress: ImageProgress[] = []
    await build((each) => progress.push(each))
    const sent = progress.flatMap(({ layer }) => (layer?.id === 'what it is made of' ? [layer] : []))
    expect(sent.at(-1)?.doneBytes).toBe(sent.at(-1)?.totalBytes)
  })

  it.each(imageIds)('of %s carry title, version, licences and source', async (id) => {
    const text = await readFile(join(folder, 'docker', id, 'Dockerfile'), 'utf8')
    for (const name of ['title', 'version', 'licenses', 'source'])
      expect(text).toMatch(new RegExp(`org\\.opencontainers\\.image\\.${name}="[^"]+"`))
  })

  it.each(serviceDefinitions(dockerSite(loadConfig({ NODE_ENV: 'test' }))))(
    'of $id say its version',
    async (service) => {
      const text = await readFile(join(folder, 'docker', imageIdOf(service), 'Dockerfile'), 'utf8')
      // ZooKeeper comes in Druid's image.
      if (service.id !== 'zookeeper') expect(text).toContain(`org.opencontainers.image.version="${service.version}"`)
    },
  )

  it('of earlier versions are removed, but those that a container uses', async () => {
    const current = await imageRef('base', config)
    ;[listed, used] = [[current, 'mine/kafka:old', 'aviary/base:old', 'aviary/kafka:old'], ['aviary/kafka:old']]
    expect(await removeOldImages(docker(), config)).toEqual(['aviary/base:old'])
    expect(listed).toEqual([current, 'mine/kafka:old', 'aviary/kafka:old'])
  })

  it('of the console keep the name that its Compose file knows', async () => {
    listed = ['aviary/console:latest', 'aviary/console:old']
    expect(await removeOldImages(docker(), config)).toEqual(['aviary/console:old'])
  })

  it('of the console are built anew when a source changes, and not for tests or files to replay', async () => {
    const before = await imageRef('console', config)
    await rm(join(folder, 'lib'))
    await mkdir(join(folder, 'lib'))
    const empty = await imageRef('console', config)
    await writeFile(join(folder, 'lib/some.test.ts'), '1')
    await mkdir(join(folder, 'docker/console/files'))
    await writeFile(join(folder, 'docker/console/files/tweets.json'), '[]')
    expect(await imageRef('console', config)).toBe(empty)
    await writeFile(join(folder, 'lib/some.ts'), '1')
    expect(new Set([before, empty, await imageRef('console', config)]).size).toBe(3)
  })

  it('of the console need the built pages', async () => {
    await expect(ensureImages(docker(), ['console'], { config, debian })).rejects.toThrow(/not built.*aviary images/)
  })

  it('need their artifacts', async () => {
    await expect(ensureImages(docker(), ['kafka'], { config, debian })).rejects.toThrow(/artifact kafka.*is not there/)
  })
})
