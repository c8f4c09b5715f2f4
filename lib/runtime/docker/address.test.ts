import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import { findAddress, usualSocket } from './address.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'aviary-address-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const find = (env: Record<string, string> = {}) =>
  findAddress(loadConfig({ NODE_ENV: 'test', DOCKER_CONFIG: home, ...env }))

async function context(name: string, host: string): Promise<void> {
  const id = createHash('sha256').update(name).digest('hex')
  await mkdir(join(home, 'contexts/meta', id), { recursive: true })
  const meta = { Name: name, Endpoints: { docker: { Host: host } } }
  await writeFile(join(home, 'contexts/meta', id, 'meta.json'), JSON.stringify(meta))
  await mkdir(join(home, 'contexts/tls', id, 'docker'), { recursive: true })
  for (const part of ['ca', 'cert', 'key'])
    await writeFile(join(home, 'contexts/tls', id, 'docker', `${part}.pem`), part.toUpperCase())
}

it('is the usual socket where nothing is said', async () => {
  expect(await find()).toEqual({ socketPath: usualSocket })
})

it('is the socket of a rootless engine that is there', async () => {
  await writeFile(join(home, 'docker.sock'), '')
  expect(await find({ XDG_RUNTIME_DIR: home })).toEqual({ socketPath: join(home, 'docker.sock') })
  expect(await find({ XDG_RUNTIME_DIR: join(home, 'none') })).toEqual({ socketPath: usualSocket })
})

it('is what DOCKER_HOST says before all else', async () => {
  await context('lab', 'tcp://localhost:2400')
  expect(await find({ DOCKER_HOST: 'unix:///run/d.sock', DOCKER_CONTEXT: 'lab' })).toEqual({
    socketPath: '/run/d.sock',
  })
})

it('is that of the context in use, with its certificates', async () => {
  await context('lab', 'tcp://localhost:2400')
  const lab = { host: 'localhost', port: 2400, ca: 'CA', cert: 'CERT', key: 'KEY' }
  expect(await find({ DOCKER_CONTEXT: 'lab' })).toEqual(lab)
  await writeFile(join(home, 'config.json'), JSON.stringify({ currentContext: 'lab' }))
  expect(await find()).toEqual(lab)
  await writeFile(join(home, 'config.json'), JSON.stringify({ currentContext: 'gone' }))
  await expect(find()).rejects.toThrow(/context "gone" cannot be read.*docker context ls/)
})

it('with DOCKER_TLS_VERIFY alone has its certificates among the settings of the client', async () => {
  for (const part of ['ca', 'cert', 'key']) await writeFile(join(home, `${part}.pem`), part)
  expect(await find({ DOCKER_HOST: 'tcp://localhost:2376', DOCKER_TLS_VERIFY: '1' })).toMatchObject({ ca: 'ca' })
})

it('of a context without certificates says how it gets them', async () => {
  await context('lab', 'tcp://localhost:2400')
  await rm(join(home, 'contexts/tls'), { recursive: true })
  await expect(find({ DOCKER_CONTEXT: 'lab' })).rejects.toThrow(/docker context update lab --docker host=tcp:/)
})

it('is refused where it would be without proof, on another machine, or not understood', async () => {
  await expect(find({ DOCKER_HOST: 'tcp://localhost:2375' })).rejects.toThrow(/DOCKER_CERT_PATH/)
  await expect(find({ DOCKER_HOST: 'tcp://10.0.0.7:2376' })).rejects.toThrow(/another machine/)
  await expect(find({ DOCKER_HOST: 'ssh://me@there' })).rejects.toThrow(/only unix:\/\/ and tcp:\/\//)
})
