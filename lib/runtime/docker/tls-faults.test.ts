/** TLS with an engine, on the wire: certificates made by openssl, and a server that asks for the client's as dockerd --tlsverify does. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createPlain } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { Contact } from './contact.ts'
import { openDocker } from './engine.ts'
import { scopeOf } from './guard/scope.ts'

let folder: string
let server: Server | null = null
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

function authority(name: string): void {
  openssl('req', '-x509', ...key, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`)
}
function issue(name: string, ca: string, alternative: string, days = 2): void {
  openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
  writeFileSync(join(folder, 'ext'), `subjectAltName=${alternative}`)
  const by = ['-CA', `${ca}.pem`, '-CAkey', `${ca}.key`, '-CAcreateserial', '-extfile', 'ext']
  openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-days', String(days), '-out', `${name}.pem`)
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aviary-tls-'))
  for (const name of ['ca', 'other']) authority(name)
  issue('engine', 'ca', 'IP:127.0.0.1')
  issue('elsewhere', 'ca', 'DNS:engine.example')
  issue('late', 'ca', 'IP:127.0.0.1', -1)
  issue('client', 'ca', 'DNS:client')
  issue('expired', 'ca', 'DNS:client', -1)
  issue('stranger', 'other', 'DNS:client')
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(async () => {
  await new Promise((done) => (server === null ? done(null) : server.close(done)))
  server = null
})

async function listen(made: Server, port = 0): Promise<number> {
  server = made
  await new Promise<void>((done) => made.listen(port, '127.0.0.1', done))
  return (made.address() as AddressInfo).port
}
const engine = (name: string, port = 0) =>
  listen(
    createServer(
      { key: read(`${name}.key`), cert: read(`${name}.pem`), ca: read('ca.pem'), requestCert: true },
      (_, response) => response.writeHead(200, { 'content-type': 'application/json', connection: 'close' }).end('{}'),
    ),
    port,
  )

interface Sides {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}
function open(port: number, { ca = 'ca', cert = 'client', key: own = cert }: Sides, told = (_: Error | null) => {}) {
  const parts = { ca: read(`${ca}.pem`), cert: read(`${cert}.pem`), key: read(`${own}.key`) }
  return openDocker({ host: '127.0.0.1', port, ...parts }, scopeOf('birds'), told)
}
const ask = async (port: number, sides: Sides = {}) => open(port, sides).version()

it('carries requests where both sides prove who they are', async () => {
  expect(await ask(await engine('engine'))).toEqual({})
})

it.each([
  ['engine', { ca: 'other' }, /is not of the CA in ca\.pem. Take the ca\.pem/],
  ['engine', { cert: 'expired' }, /does not accept the certificate in cert\.pem: it ended at \d{4}-/],
  ['engine', { cert: 'client', key: 'stranger' }, /cannot be used: .*mismatch.*belonging to cert\.pem/],
  ['elsewhere', {}, /is for another name.*subject alternative name 127\.0\.0\.1/],
  ['late', {}, /is not valid any more.*dockerd --tlscert/],
] as const)('of the engine "%s" with %o says what is wrong', async (name, sides, message) => {
  await expect(ask(await engine(name), sides)).rejects.toMatchObject({
    ...{ name: 'DockerError', code: 'denied', message: expect.stringMatching(message) },
  })
})

it("of another CA than the engine's is told, also where the alert is lost on its way", async () => {
  await expect(ask(await engine('engine'), { cert: 'stranger' })).rejects.toThrow(
    /(does not|may not) accept the certificate in cert\.pem/,
  )
})

it('is not what speaks HTTP alone', async () => {
  const port = await listen(createPlain((_, response) => response.end('{}')))
  await expect(ask(port)).rejects.toThrow(/does not speak TLS. Start the engine with --tlsverify/)
})

it('that fails with an engine that was away is told as the reason now, until it is mended', async () => {
  const port = await engine('elsewhere')
  const contact = new Contact(() => docker.version())
  const docker = open(port, {}, (error) => contact.note(error))
  const changed = (to: RegExp | null) => expect.poll(() => contact.away ?? '').toMatch(to ?? /^$/)
  await new Promise((done) => server?.close(done))
  await docker.version().catch(() => {})
  await changed(/No Docker engine answers/)
  await engine('elsewhere', port)
  await changed(/is for another name/)
  await new Promise((done) => server?.close(done))
  await engine('engine', port)
  await changed(null)
  contact.close()
})
