/** The peer of the start: the same services on the JVM's defaults, one after another, each waited for. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JavaProgram, JvmSettings, ServiceDefinition, Site } from '#lib/runtime/definition.ts'

export interface NaiveService {
  readonly definition: ServiceDefinition
  readonly child: ChildProcess
}

/** Without these heaps and flags the services do not fit or do not run; all other flags are what the JVM chooses. */
const needed = ({ heapMb, directMb, jvmArgs }: JvmSettings): string[] => [
  `-Xmx${heapMb}m`,
  ...(directMb === undefined ? [] : [`-XX:MaxDirectMemorySize=${directMb}m`]),
  ...jvmArgs,
]

async function commandOf(site: Site, program: JavaProgram): Promise<string[]> {
  const jars = await Promise.all(
    program.jars.map(async (artifact) => {
      const folder = site.artifactDir(artifact)
      return (await readdir(folder)).filter((f) => f.endsWith('.jar')).map((f) => join(folder, f))
    }),
  )
  return [...needed(program), '-cp', jars.flat().join(':'), program.mainClass, ...program.args]
}

/** What the service starts itself (peons) runs on the JVM's defaults too. */
async function writeLauncher(cwd: string, { children }: JavaProgram): Promise<void> {
  if (children === undefined) return
  const flags = needed(children).map((flag) => `'${flag}'`)
  await writeFile(join(cwd, children.launcher), `#!/bin/sh\nexec java ${flags.join(' ')} "$@"\n`, { mode: 0o700 })
}

/** Needs the configuration that an earlier start has rendered. Resolves when the service is ready. */
export async function startNaively(site: Site, definition: ServiceDefinition): Promise<NaiveService> {
  const { program } = definition
  const cwd = site.confDir(definition.id)
  const native = program.kind === 'native' ? program.command() : null
  const args = program.kind === 'java' ? await commandOf(site, program) : [...program.args]
  if (program.kind === 'java') await writeLauncher(cwd, program)
  const child = spawn(native?.command ?? 'java', args, {
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...native?.env },
  })
  const log = createWriteStream(join(cwd, 'naive.log'))
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  const signal = AbortSignal.timeout(180_000)
  while (!(await definition.ready(signal)).ready) {
    signal.throwIfAborted()
    if (child.exitCode !== null) throw new Error(`${definition.id} ended with ${child.exitCode}; see ${cwd}/naive.log`)
    await new Promise((r) => setTimeout(r, 100))
  }
  return { definition, child }
}

/** Stops the whole group of the service. */
export async function stopNaively({ child }: NaiveService): Promise<void> {
  const gone = new Promise<void>((done) => child.once('exit', () => done()))
  child.kill('SIGTERM')
  const hard = setTimeout(() => child.kill('SIGKILL'), 30_000)
  await gone
  clearTimeout(hard)
  try {
    process.kill(-(child.pid ?? 0), 'SIGKILL')
  } catch {
    // Nothing of it was left.
  }
}
