/** Building images: only what is missing, in order, with progress; a failed build says which step and why. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Config, loadConfig } from '#lib/config.ts'
import { openDocker } from './engine.ts'
import { scopeOf } from './guard-scope.ts'
import { ensureImages, type ImageProgress, imageRef } from './images.ts'

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

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aviary-images-'))
  config = { ...loadConfig({ NODE_ENV: 'test' }), rootDir: folder, cacheDir: join(folder, 'cache') }
  for (const id of ['base', 'jre', 'mosquitto', 'kafka']) {
    await mkdir(join(folder, 'docker', id), { recursive: true })
    await cp(
      join(loadConfig({ NODE_ENV: 'test' }).rootDir, 'docker', id, 'Dockerfile'),
      join(folder, 'docker', id, 'Dockerfile'),
    )
  }
  ;[images, builds, lines] = [new Set(), [], good]
  server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://engine')
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    response.setHeader('content-type', 'application/json')
    if (url.pathname !== '/build') {
      response.statusCode = images.has(url.pathname.slice('/images/'.length, -'/json'.length)) ? 200 : 404
      return response.end('{"message":"No such image"}')
    }
    const ref = url.searchParams.get('t') ?? ''
    const { BASE } = JSON.parse(url.searchParams.get('buildargs') ?? '{}') as { BASE?: string }
    builds.push({ ref, base: BASE, context: Buffer.concat(parts).toString('latin1') })
    images.add(ref)
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

  it('that cannot be built say at which step and why', async () => {
    lines = [
      { stream: 'Step 2/2 : RUN y' },
      { stream: 'E: no such package\n' },
      { error: 'returned a non-zero code: 100' },
    ]
    await expect(build()).rejects.toMatchObject({
      code: 'build',
      message: expect.stringMatching(
        /image base cannot be built: returned.*100.*Step 2 of docker\/base\/Dockerfile.*no such package/,
      ),
    })
  })

  it.each([
    ['pull access denied for debian', /import a Debian image of that name/],
    ['write /x: no space left on device', /disk of the Docker engine is full/],
  ])('that cannot be built because of "%s" say what to do', async (error, message) => {
    lines = [{ error }]
    await expect(build()).rejects.toThrow(message)
  })

  it('need their artifacts', async () => {
    await expect(ensureImages(docker(), ['kafka'], { config, debian })).rejects.toThrow(/artifact kafka.*is not there/)
  })
})
