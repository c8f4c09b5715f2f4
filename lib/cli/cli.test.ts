/** The command line as a process: what it says, where, and with which status it ends. */
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const main = resolve(import.meta.dirname, 'main.ts')
let home: string
let server: Server | null

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'aviary-cli-'))
  server = null
})
afterEach(async () => {
  server?.close()
  await rm(home, { recursive: true })
})

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function aviary(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, AVIARY_HOME: home, ...env } })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((done) => child.on('close', (code) => done({ code, stdout, stderr })))
}

interface Asked {
  readonly request: string
  readonly authorization: string | undefined
  readonly body: string
}

/** A console at the wire that answers every request after `/api/session` alike. */
async function answerWith(status: number, body: unknown): Promise<Asked[]> {
  const asked: Asked[] = []
  server = createServer(async (request, reply) => {
    let text = ''
    for await (const chunk of request) text += chunk
    if (request.url === '/api/session') return void reply.end('{}')
    const { authorization } = request.headers
    asked.push({ request: `${request.method} ${request.url}`, authorization, body: text })
    reply
      .writeHead(status, { 'content-type': 'application/json' })
      .end(typeof body === 'string' ? body : JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await new Promise((done) => server?.once('listening', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await writeFile(join(home, 'console.json'), JSON.stringify({ url, pid: 1, startedAt: 0 }))
  await writeFile(join(home, 'cli.key'), 'the-key')
  return asked
}

it('of an engine that is away, a stop does not wait', async () => {
  const stack = { phase: 'away', reason: 'No Docker engine answers at x.', steps: [], services: [] }
  const asked = await answerWith(200, { stack })
  const { code, stderr } = await aviary(['down'])
  expect([code, asked[0]?.request]).toEqual([1, 'POST /api/stack/stop'])
  expect(stderr).toMatch(/cannot be stopped now: No Docker engine answers at x\.\n.*when the engine answers again/)
})

describe('exit status', () => {
  it.each(['--help', '--version', 'replay --help'])('0 for %s', async (line) => {
    const { code, stdout, stderr } = await aviary(line.split(' '))
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).not.toBe('')
  })

  it.each([
    'nonsense',
    'status --nonsense',
    'replay start --rate fast',
    'replay start --rate 5 --interval 1',
    'replay start --mode sideways',
    'replay seek r1 -1',
    'replay bounds r1',
    'replay bounds r1 --limit 0',
    'token --role king',
    'logs nothing',
    'logs kafka --since yesterday',
    'logs kafka --since 2026',
    'stop nothing',
    'restart nothing',
    'up --only nothing',
    'up --runtime process --only nothing',
    'up --runtime swarms',
    'bench nothing',
  ])('2 for wrong usage: %s', async (line) => {
    const { code, stdout, stderr } = await aviary(line.split(' '))
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).not.toBe('')
  })

  it('2 for settings that cannot be used, with every fault', async () => {
    const { code, stderr } = await aviary(['status'], { AVIARY_PORT_KAFKA: 'x', AVIARY_LOG_LEVEL: 'loud' })
    expect(code).toBe(2)
    expect(stderr).toContain('AVIARY_PORT_KAFKA')
    expect(stderr).toContain('AVIARY_LOG_LEVEL')
  })

  it('3 when no console was ever started, and when the last one has gone', async () => {
    expect((await aviary(['status', '--json'])).code).toBe(3)
    await answerWith(200, {})
    await new Promise((done) => server?.close(done))
    const { code, stdout, stderr } = await aviary(['status', '--json'])
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toContain('aviary up')
  })

  it('1 when the console refuses, with its reason and hint', async () => {
    await answerWith(503, { title: 'x', status: 503, detail: 'Kafka does not answer', hint: 'Start it' })
    const { code, stdout, stderr } = await aviary(['ledger', 'last', '--json'])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('Kafka does not answer')
    expect(stderr).toContain('Start it')
  })
})

describe('what is in the way', () => {
  it('of the console is told by `up` and by `doctor`: who holds its port, and what to do', async () => {
    await answerWith(200, {})
    const { port } = new URL(JSON.parse(await readFile(join(home, 'console.json'), 'utf8')).url)
    await rm(join(home, 'console.json'))
    const up = await aviary(['up'], { AVIARY_PORT_CONSOLE: port })
    expect([up.code, up.stdout]).toEqual([1, ''])
    expect(up.stderr).toContain(`port ${port}: the console needs it, and process ${process.pid} (`)
    expect(up.stderr).toContain('AVIARY_PORT_OFFSET')
    expect(up.stderr).not.toContain('    at ')
    expect(await readdir(home)).toEqual(['cli.key', 'console.log'])
    const doctor = await aviary(['doctor', '--json'], { AVIARY_PORT_CONSOLE: port })
    expect(doctor.code).toBe(1)
    expect(JSON.parse(doctor.stdout).faults).toContainEqual(expect.objectContaining({ subject: `port ${port}` }))
  })

  it('of the tests is told before the first, with the command that installs it', async () => {
    const { code, stdout, stderr } = await aviary(['test'], { PATH: '/nowhere', JAVA_HOME: '' })
    expect([code, stdout]).toEqual([1, ''])
    for (const tool of ['java', 'mvn', 'python3', 'chromium']) expect(stderr).toContain(`\n  ${tool}: `)
    expect(stderr).toContain('maven')
  })

  it('of Docker is told with what to do: no engine', async () => {
    const nowhere = { DOCKER_HOST: 'unix:///nowhere/docker.sock', AVIARY_RUNTIME: 'docker' }
    const { code, stdout } = await aviary(['doctor', '--json'], nowhere)
    expect(code).toBe(1)
    const remedy = expect.stringContaining('Start it')
    expect(JSON.parse(stdout).faults).toContainEqual({
      ...{ subject: 'Docker', problem: 'No Docker engine answers at /nowhere/docker.sock.', remedy },
    })
  })
})

describe('requests', () => {
  it('carry the key and the options as they were given', async () => {
    const run = { id: 'r7', progress: { state: 'running', sent: 0, total: null, committed: -1, rate: 0, reason: null } }
    const asked = await answerWith(201, run)
    const args = [
      'replay',
      'start',
      'tweets.json',
      '--mode',
      'shuffle',
      '--rate',
      '12.5',
      '--limit',
      '9',
      '--seed',
      '3',
    ]
    const { code, stdout } = await aviary([...args, '--json'])
    expect([code, JSON.parse(stdout)]).toEqual([0, run])
    expect(asked).toMatchObject([{ request: 'POST /api/runs', authorization: 'Bearer the-key' }])
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      file: resolve('tweets.json'),
      mode: 'shuffle',
      schedule: { kind: 'rate', perSecond: 12.5 },
      limit: 9,
      seed: 3,
      loop: false,
    })
  })

  it.each([
    [['replay', 'pause', 'r1'], 'POST /api/runs/r1/pause', {}],
    [['replay', 'rate', 'r1', 'max'], 'POST /api/runs/r1/schedule', { kind: 'max' }],
    [['replay', 'bounds', 'r1', '--no-loop'], 'POST /api/runs/r1/bounds', { loop: false }],
    [['replay', 'bounds', 'r1', '--loop', '--limit', '90'], 'POST /api/runs/r1/bounds', { loop: true, limit: 90 }],
    [['replay', 'bounds', 'r1', '--limit', 'none'], 'POST /api/runs/r1/bounds', { limit: null }],
    [['replay', 'seek', 'r1', '40'], 'POST /api/runs/r1/seek', { index: 40 }],
    [['replay', 'stop', 'a/b'], 'POST /api/runs/a%2Fb/stop', {}],
    [['token', '--role', 'viewer'], 'POST /api/links', { role: 'viewer' }],
  ])('%s are %s', async (args, request, body) => {
    const asked = await answerWith(200, { path: '/enter#t', expiresAt: 0 })
    const { code } = await aviary([...args, '--json'])
    expect(code).toBe(0)
    expect(asked.map((a) => [a.request, JSON.parse(a.body)])).toEqual([[request, body]])
  })

  it('for a log print its lines, or an object for each', async () => {
    await answerWith(200, 'one "quoted"\nzwei ö\n')
    expect((await aviary(['logs', 'kafka'])).stdout).toBe('one "quoted"\nzwei ö\n')
    const { stdout } = await aviary(['logs', 'kafka', '--json'])
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { service: 'kafka', line: 'one "quoted"' },
      { service: 'kafka', line: 'zwei ö' },
    ])
  })

  it.each([
    [['logs', 'kafka'], '/api/services/kafka/logs?'],
    [['logs', 'kafka', '-f', '--tail', '5'], '/api/services/kafka/logs?tail=5&follow=1'],
    [['logs', 'kafka', '--since', '1970-01-01T00:01:00Z'], '/api/services/kafka/logs?since=60000'],
  ])('of %s ask for just that', async (args, path) => {
    const asked = await answerWith(200, '')
    expect((await aviary(args)).code).toBe(0)
    expect(asked.map(({ request }) => request)).toEqual([`GET ${path}`])
  })

  it('to stop a service name what depends on it first', async () => {
    const kafka = { id: 'kafka', phase: 'stopped', dependents: ['connect', 'druid-coordinator'], waitsFor: null }
    const asked = await answerWith(200, { stack: { phase: 'ready', services: [kafka], steps: [] } })
    const { code, stderr } = await aviary(['stop', 'kafka'])
    expect([code, stderr]).toEqual([0, 'connect, druid-coordinator depend on kafka and cannot work without it\n'])
    expect(asked.map(({ request }) => request)).toContain('POST /api/services/kafka/stop')
  })

  it('print what they were told, unknown figures as null', async () => {
    const ledger = { runId: 'r1', state: 'running', druid: null, lost: null, latencyMs: { p50: null } }
    await answerWith(200, ledger)
    const { stdout } = await aviary(['ledger', 'r1', '--json'])
    expect(JSON.parse(stdout)).toEqual(ledger)
  })
})
