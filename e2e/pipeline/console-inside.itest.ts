/** The console in a container, by its own Compose file: it has no engine but beyond the gate, and runs a service there all the same. */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureArtifacts } from '#lib/artifacts/index.ts'
import { type Config, loadConfig } from '#lib/config.ts'
import { consoleSettings } from '#lib/runtime/docker/compose/console-settings.ts'
import { dockerRuntime } from '#lib/stack/choice.ts'
import { projectOf } from '#lib/stack/project.ts'
import { docker, until } from './stack.ts'

const portOffset = 19_000
const run = promisify(execFile)
/** Compose v2 is a part of Docker's client, 1.29 a program. */
const composing: string[] = await run('docker', ['compose', 'version']).then(
  () => ['docker', 'compose'],
  () => ['docker-compose'],
)
const there = await run('docker-compose', ['version']).then(
  () => true,
  () => composing.length === 2,
)

let folder: string
let config: Config
async function compose(...args: string[]): Promise<string> {
  const [program = '', ...first] = composing
  const { stdout } = await run(program, [...first, '--file', join(folder, 'compose.yaml'), ...args], { cwd: folder })
  return stdout
}
const inConsole = (...command: string[]) => compose('exec', '-T', 'console', ...command)

/** As anybody who has got into the console's container could. */
const askGate = (method: string, path: string): Promise<string> =>
  inConsole(
    'node',
    '--eval',
    `const { request } = require('node:http')
     const asked = { socketPath: '/gate/docker.sock', method: '${method}', path: '${path}' }
     request(asked, async (answer) => {
       let text = ''
       for await (const part of answer) text += part
       process.stdout.write(answer.statusCode + ' ' + text)
     }).end()`,
  )

async function makeImages(): Promise<void> {
  const runtime = await dockerRuntime(config, pino({ enabled: false }))
  try {
    await ensureArtifacts(await runtime.missingForAll(), config)
    await runtime.prepareAll(() => {}, new AbortController().signal)
  } finally {
    await runtime.close()
  }
}

describe.skipIf(!there)('a console in a container', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aviary-inside-'))
    config = loadConfig({ ...process.env, AVIARY_HOME: folder, AVIARY_PORT_OFFSET: String(portOffset) })
    await makeImages()
    await copyFile(join(config.rootDir, 'docker/console/compose.yaml'), join(folder, 'compose.yaml'))
    await mkdir(join(folder, 'files'))
    await writeFile(join(folder, '.env'), await consoleSettings(config, projectOf(config)))
    await compose('up', '--detach')
  })
  afterAll(async () => {
    await inConsole('aviary', 'down', '--purge').catch(() => '')
    await compose('down', '--volumes').catch(() => '')
    await rm(folder, { recursive: true, force: true })
  })

  test('prints a link, which lets a browser in at the port of the machine', async () => {
    const link = await until('the link', 60, async () => {
      const said = await compose('logs', '--no-color', 'console')
      return /http:\/\/localhost:\d+\/enter#(\S+)/.exec(said)
    })
    const origin = `http://localhost:${config.ports.console}`
    expect(link[0]).toMatch(new RegExp(`^${origin}/`))
    const headers = { 'content-type': 'application/json', origin }
    const reply = await fetch(`${origin}/api/session`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ token: link[1] }),
    })
    expect(await reply.json()).toMatchObject({ role: 'admin' })
  })

  test('starts a service beyond the gate, and goes on when the gate was killed', async () => {
    await inConsole('aviary', 'up', '--only', 'mosquitto')
    await docker('kill', (await compose('ps', '--quiet', 'gate')).trim())
    await compose('up', '--detach')
    await until('the gate', 60, async () => ((await askGate('GET', '/_ping')) === '200 OK' ? true : null))
    // The console looks for the engine again after a second.
    await until('mosquitto to restart', 60, () => inConsole('aviary', 'restart', 'mosquitto'))
    expect(await inConsole('aviary', 'status')).toMatch(/mosquitto\s+ready/)
  })

  test('gets nothing else of the engine', async () => {
    const gate = (await compose('ps', '--quiet', 'gate')).trim()
    await expect(inConsole('ls', '/var/run/docker.sock')).rejects.toThrow()
    expect(await askGate('GET', '/_ping')).toBe('200 OK')
    for (const [method, path] of [
      ['GET', '/system/df'],
      ['GET', '/containers/json?all=true'],
      ['GET', `/containers/${gate}/json`],
      ['DELETE', `/containers/${gate}?force=true`],
      ['POST', `/containers/${gate}/exec`],
      ['POST', '/images/aviary/base:x/tag?repo=aviary/console&tag=latest'],
    ] as const)
      expect(await askGate(method, path)).toMatch(/^403 \{"message":"Refused before it reached Docker /)
  })

  test('says that what needs a checkout is to be done on the machine', async () => {
    await expect(inConsole('aviary', 'images')).rejects.toThrow(/Run it on the machine, in the checkout/)
  })
})
