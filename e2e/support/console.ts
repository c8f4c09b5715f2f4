/** Starts a console without a stack on a home of its own, for the browser to start the rest. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { TestStack, until } from '../pipeline/stack.ts'

const root = resolve(import.meta.dirname, '../..')
const portOffset = 22_000

/** The stack that the specs of this run share; its home comes through the environment of the workers. */
export function browserStack(): TestStack {
  const home = process.env.AVIARY_E2E_HOME
  if (home === undefined) throw new Error('the global setup has not run')
  return new TestStack(home, portOffset)
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((done) => (child.exitCode !== null ? done() : child.once('exit', () => done())))

export default async function setup(): Promise<() => Promise<void>> {
  const home = await mkdtemp(join(tmpdir(), 'aviary-e2e-'))
  process.env.AVIARY_E2E_HOME = home
  const stack = browserStack()
  await stack.must('sample', '--users', '200', '--tweets', '60')
  const console = spawn(process.execPath, [join(root, 'server.ts')], {
    cwd: root,
    env: stack.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log = createWriteStream(join(home, 'console.log'))
  console.stdout.pipe(log, { end: false })
  console.stderr.pipe(log, { end: false })
  await until('the console to answer', 60, async () => {
    if (console.exitCode !== null)
      throw new Error(`the console ended with ${console.exitCode}; see ${home}/console.log`)
    const reply = await fetch(`http://127.0.0.1:${stack.port(4400)}/enter`)
    return reply.ok ? true : null
  })
  return async () => {
    await stack.must('down', ...(stack.inContainers ? ['--purge'] : []))
    console.kill('SIGTERM')
    await ended(console)
    await rm(home, { recursive: true, force: true })
  }
}
