/** `up` in the foreground, with a small program in the place of the console. */
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Config, loadConfig } from '#lib/config.ts'
import type { Client } from './client.ts'
import { isAlive, startConsole } from './console-process.ts'
import { stay } from './stay.ts'

let config: Config
let client: Client
let told: string[]
const started: number[] = []
const pidNow = (): number => JSON.parse(readFileSync(join(config.homeDir, 'console.json'), 'utf8')).pid

/** Answers every request, ends as the console does when told to, and by itself once it is asked to be brief. */
const program = (home: string) => `
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
const file = ${JSON.stringify(join(home, 'console.json'))}
const server = createServer((_, reply) => reply.end('{}')).listen(0, '127.0.0.1', () => {
  const url = 'http://127.0.0.1:' + server.address().port
  writeFileSync(file, JSON.stringify({ url, pid: process.pid, startedAt: Date.now() }))
})
process.on('SIGTERM', () => { rmSync(file); process.exit(0) })
setInterval(() => existsSync(${JSON.stringify(join(home, 'brief'))}) && process.exit(7), 300)
`

beforeEach(async () => {
  const rootDir = await mkdtemp(join(tmpdir(), 'aviary-stay-'))
  config = { ...loadConfig({ NODE_ENV: 'test', AVIARY_HOME: join(rootDir, 'home') }), rootDir }
  await writeFile(join(rootDir, 'package.json'), '{"type":"module"}')
  await writeFile(join(rootDir, 'server.ts'), program(config.homeDir))
  told = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => told.push(String(text)) > 0)
  await mkdir(config.homeDir)
  await writeFile(join(config.homeDir, 'cli.key'), 'the-key')
  client = await startConsole(config)
  started.push(client.file.pid)
})
afterEach(async () => {
  vi.restoreAllMocks()
  for (const pid of started.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  await rm(config.rootDir, { recursive: true })
})

it('goes when the console is ended in order', async () => {
  const staying = stay(config, client, new AbortController().signal)
  process.kill(client.file.pid, 'SIGTERM')
  await staying
  expect(told.at(-1)).toBe('The console has ended\n')
})

it('starts the console again when it was killed, and then goes on watching', async () => {
  const stop = new AbortController()
  const staying = stay(config, client, stop.signal)
  process.kill(client.file.pid, 'SIGKILL')
  await expect.poll(pidNow, { timeout: 20_000 }).not.toBe(client.file.pid)
  started.push(pidNow())
  expect(told.at(-1)).toContain('started again (1 of 5)')
  stop.abort()
  await expect(staying).rejects.toThrow(/abort/)
  expect(isAlive(pidNow())).toBe(true)
})

it('gives up when console after console ends at once', async () => {
  await writeFile(join(config.homeDir, 'brief'), '')
  await expect(stay(config, client, new AbortController().signal)).rejects.toMatchObject({ exitCode: 1 })
  expect(told.filter((line) => line.includes('started again'))).toHaveLength(5)
})
