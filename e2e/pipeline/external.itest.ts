/** Mosquitto, Kafka and Druid that Aviary does not run, behind TLS and passwords: provisioned, watched and used, exactly once all the same. */
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { loadConfig } from '#lib/config.ts'
import { secret } from '#lib/secrets.ts'
import { type Foreign, foreignDoor, foreignKafka, foreignMosquitto, makeCertificates } from './foreign.ts'
import { Runs } from './runs.ts'
import { TestStack } from './stack.ts'
import { writeTweets } from './tweets.ts'

/** Beside the shared stack: it has other engines. */
const portOffset = 13_000
const mqttPort = 13_700
const kafkaPort = 13_710
const druidPort = 13_720
const needed = [
  'druid-coordinator',
  'druid-middlemanager',
  'druid-broker',
  'druid-historical',
  'druid-router',
  'connect',
]

const dir = await mkdtemp(join(tmpdir(), 'aviary-external-'))
const home = join(dir, 'home')
const stack = new TestStack(home, portOffset)
// What a file of properties, of JSON or of Java's login could trip over.
const password = () => `s3 "${randomBytes(12).toString('hex')}\\=é`
const mqtt = { username: 'replay', password: password() }
const kafka = { username: 'pipeline', password: password().replaceAll(/[",=\\é]/g, '+') }
const druid = { username: 'historian', password: password().replace('é', '@/?%41') }
const secretOf = ({ password }: { password: string }) => /[0-9a-f]{24}/.exec(password)?.[0] ?? ''
const secrets = [mqtt, kafka].map(secretOf)
let mosquitto: Foreign
let broker: Foreign
let runs: Runs
const tls = { ca: '../certificates/ca.pem' }
const external = {
  mosquitto: { host: '127.0.0.1', port: mqttPort, tls, ...mqtt },
  kafka: { bootstrap: `127.0.0.1:${kafkaPort}`, tls, sasl: { mechanism: 'SCRAM-SHA-512', ...kafka } },
}
const file = join(dir, 'tweets.json')
const expected = await writeTweets(file, 20_000, 5)

beforeAll(async () => {
  const { cacheDir } = loadConfig(stack.env)
  const certificates = join(dir, 'certificates')
  await makeCertificates(certificates)
  mosquitto = await foreignMosquitto(join(dir, 'mosquitto'), certificates, mqttPort, mqtt, cacheDir)
  broker = await foreignKafka(join(dir, 'kafka'), certificates, kafkaPort, kafka, cacheDir)
  await Promise.all([mosquitto.start(), broker.start()])
  await mkdir(home)
  await writeFile(join(home, 'settings.json'), JSON.stringify({ external }), { mode: 0o600 })
  runs = new Runs(stack, file, expected)
  await stack.must('up', '--detach', '--only', ...needed)
  await stack.healthy()
})

afterAll(async () => {
  await stack.run('down')
  await Promise.all([mosquitto?.kill(), broker?.kill()])
  await rm(dir, { recursive: true, force: true })
})

test('both are shown with their address, as nothing that Aviary could stop', async () => {
  const { services } = (await stack.status()).stack
  const shown = services.filter(({ runtime }) => runtime === 'external')
  expect(shown.map(({ id, address, phase }) => [id, address, phase])).toEqual([
    ['mosquitto', `127.0.0.1:${mqttPort}`, 'ready'],
    ['kafka', `127.0.0.1:${kafkaPort}`, 'ready'],
  ])
  const refused = await stack.run('stop', 'kafka')
  expect(refused.code).not.toBe(0)
  expect(refused.stderr).toContain('Aviary does not run kafka')
})

test('20,000 tweets arrive exactly once, although Mosquitto is killed in the middle', async () => {
  const run = await runs.start()
  await runs.middle(run)
  await mosquitto.kill()
  await mosquitto.start()
  await runs.expectExact(run)
  await stack.healthy()
})

/** Files below a folder whose text is such, sorted, relative to it. */
async function filesThat(tell: (text: string) => boolean, folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const found: string[] = []
  for (const file of files) if (tell(await readFile(file, 'latin1').catch(() => ''))) found.push(relative(folder, file))
  return found.sort()
}

const tellsSecret = (text: string) => secrets.some((secret) => text.includes(secret))

test('the passwords are in no log, reply or command line, and in no file that others may read', async () => {
  const places = await filesThat(tellsSecret, home)
  for (const place of places) expect((await stat(join(home, place))).mode & 0o077).toBe(0)
  expect(places.map((place) => place.replace(/^runs\/[^/]+/, 'runs/ID'))).toEqual([
    'runs/ID/options.json',
    'services/connect/conf/kafka-login.conf',
    'services/connect/conf/mqtt.properties',
    'services/druid-coordinator/conf/kafka-login.conf',
    'services/druid-middlemanager/conf/kafka-login.conf',
    'settings.json',
  ])
  const connector = `http://127.0.0.1:${stack.port(8083)}/connectors/tweets-source`
  const supervisor = `http://127.0.0.1:${stack.port(8888)}/druid/indexer/v1/supervisor/tweets`
  for (const url of [connector, `${connector}/tasks`, `${connector}/status`, supervisor, `${supervisor}/status`]) {
    const reply = await fetch(url)
    expect(reply.status).toBe(200)
    expect(tellsSecret(await reply.text())).toBe(false)
  }
  expect(tellsSecret(JSON.stringify([await stack.status(), await stack.runs()]))).toBe(false)
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const [command, environment] = await Promise.all(
      ['cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '')),
    )
    expect(tellsSecret(`${command}${environment}`)).toBe(false)
  }
})

/** Names of the schemas that Superset finds in its database Druid. */
async function schemasInSuperset(url: string, password: string): Promise<string[]> {
  const ask = async <T>(path: string, schema: z.ZodType<T>, init: RequestInit): Promise<T> => {
    const reply = await fetch(`${url}/api/v1${path}`, init)
    const text = await reply.text()
    if (!reply.ok) throw new Error(`Superset answered ${path} with ${reply.status}: ${text}`)
    return schema.parse(JSON.parse(text))
  }
  const body = JSON.stringify({ username: 'admin', password, provider: 'db' })
  const json = { 'content-type': 'application/json' }
  const Token = z.object({ access_token: z.string() })
  const token = await ask('/security/login', Token, { method: 'POST', body, headers: json })
  const headers = { authorization: `Bearer ${token.access_token}` }
  const Databases = z.object({ result: z.array(z.object({ id: z.number(), database_name: z.string() })) })
  const { result: databases } = await ask('/database/', Databases, { headers })
  const id = databases.find(({ database_name }) => database_name === 'Druid')?.id
  const Schemas = z.object({ result: z.array(z.string()) })
  return (await ask(`/database/${id}/schemas/?q=(force:!t)`, Schemas, { headers })).result
}

test('a Druid of others is provisioned, asked and drawn over TLS with a login, and no rows of it are lost', async () => {
  // The stack above lends its Druid, which the other one reaches by the door alone.
  await stack.act('stop', 'connect')
  const door = await foreignDoor(join(dir, 'certificates'), druidPort, druid, stack.port(8888))
  const otherHome = join(dir, 'other')
  const other = new TestStack(otherHome, portOffset + 1_000)
  other.sql = (query, parameters) => stack.sql(query, parameters)
  try {
    await mkdir(otherHome)
    const withDruid = { ...external, druid: { url: `https://127.0.0.1:${druidPort}`, tls, ...druid } }
    await writeFile(join(otherHome, 'settings.json'), JSON.stringify({ external: withDruid }), { mode: 0o600 })
    await other.must('up', '--detach', '--only', 'connect', 'superset')
    await other.healthy()
    const { services } = (await other.status()).stack
    expect(services.filter(({ phase }) => phase === 'ready').map(({ id }) => id)).toEqual(
      expect.arrayContaining(['mosquitto', 'kafka', 'druid-router', 'connect', 'superset']),
    )
    expect(services.map(({ id }) => id)).not.toContain('druid-broker')
    expect((await other.run('stop', 'druid-broker')).stderr).toContain(
      'Aviary does not run druid-broker: it is at https://',
    )
    const others = new Runs(other, file, expected)
    await others.expectExact(await others.start())
    const password = secret(otherHome, 'superset-admin-password')
    expect(await schemasInSuperset(`http://127.0.0.1:${other.port(8088)}`, password)).toContain('druid')
    expect(await filesThat((text) => text.includes(secretOf(druid)), otherHome)).toEqual(['settings.json'])
  } finally {
    await other.run('down').finally(() => door.close())
  }
})

test('another Kafka is refused while Druid has offsets of this one', async () => {
  await stack.must('down')
  const settings = join(home, 'settings.json')
  const before = await readFile(settings, 'utf8')
  await writeFile(settings, '{}')
  const refused = await stack.run('up', '--detach', '--only', ...needed)
  await writeFile(settings, before)
  expect(refused.code).not.toBe(0)
  expect(refused.stderr).toContain('aviary down --purge')
})
