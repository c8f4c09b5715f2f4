/** `images` as a process: what it asks the engine for, and what it says. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

let folder: string
let server: Server
let arrived: string[]
/** Answer to everything but questions for the version and for images that are there. */
let answer: { status: number; text: string }
/** Images that were built before. */
let listed: { RepoTags: string[] }[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aviary-images-'))
  arrived = []
  listed = []
  answer = { status: 200, text: '' }
  server = createServer((request, response) => {
    arrived.push(`${request.method} ${request.url?.split('?')[0]}`)
    response.setHeader('content-type', 'application/json')
    if (request.url === '/version') return void response.end('{"ApiVersion":"1.41"}')
    if (request.url?.startsWith('/images/json')) return void response.end(JSON.stringify(listed))
    response.statusCode = answer.status
    return void response.end(answer.text)
  })
  await new Promise<void>((done) => server.listen(join(folder, 'docker.sock'), done))
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  await rm(folder, { recursive: true, force: true })
})

function images(args: readonly string[], more: Record<string, string> = {}) {
  const main = resolve(import.meta.dirname, 'main.ts')
  const own = { AVIARY_HOME: folder, XDG_CACHE_HOME: folder, DOCKER_HOST: `unix://${join(folder, 'docker.sock')}` }
  const env = { ...process.env, ...own, ...more }
  const child = spawn(process.execPath, [main, 'images', ...args], { env })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise<{ code: number | null; stderr: string }>((done) =>
    child.on('close', (code) => done({ code, stderr })),
  )
}

it('looks for every image, and builds none where all are there', async () => {
  answer = { status: 200, text: '{}' }
  expect(await images([])).toEqual({ code: 0, stderr: 'All images are there\n' })
  for (const name of ['base', 'jre', 'mosquitto', 'kafka', 'connect', 'druid', 'hive', 'superset', 'console'])
    expect(arrived.join()).toContain(`GET /images/aviary/${name}:`)
  // The Compose file of the console names the latest.
  expect(arrived.filter((request) => !request.startsWith('GET'))).toEqual([
    expect.stringMatching(/^POST \/images\/aviary\/console:[0-9a-f]{16}\/tag$/),
  ])
})

it('removes what an earlier version has left, and says so', async () => {
  answer = { status: 200, text: '{}' }
  listed = [{ RepoTags: ['aviary/kafka:old'] }]
  expect(await images([])).toEqual({
    code: 0,
    stderr: 'Removed aviary/kafka:old, of an earlier version\nAll images are there\n',
  })
  expect(arrived.at(-1)).toBe('DELETE /images/aviary/kafka:old')
})

it('in a container sends to the machine, and asks for nothing', async () => {
  const { code, stderr } = await images([], { AVIARY_INSIDE: 'true' })
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining('Run it on the machine, in the checkout.'),
  })
  expect(arrived).toEqual([])
})

it('says what to do where no engine answers', async () => {
  const { code, stderr } = await images([], { DOCKER_HOST: `unix://${join(folder, 'nobody.sock')}` })
  expect(code).toBe(1)
  expect(stderr).toMatch(/No Docker engine answers at .*nobody\.sock/)
  expect(arrived).toEqual([])
})

it('says what to do where there is no debootstrap, before anything is imported', async () => {
  const { code, stderr } = await images(['--mirror', 'http://m.test/debian'], { PATH: folder })
  expect(code).toBe(1)
  expect(stderr).toContain('apt-get install debootstrap')
  expect(arrived).toEqual(['GET /version'])
})
