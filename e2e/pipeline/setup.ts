/** Starts the one stack that the integration suites share, and leaves nothing behind. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { TestStack } from './stack.ts'

declare module 'vitest' {
  interface ProvidedContext {
    home: string
    portOffset: number
  }
}

/** Below the ports that the system hands out by itself, beside a stack on the defaults. */
const portOffset = 21_000

export default (project: TestProject): Promise<() => Promise<void>> => share(project, portOffset)

export async function share(project: TestProject, portOffset: number): Promise<() => Promise<void>> {
  const home = await mkdtemp(join(tmpdir(), 'aviary-integration-'))
  const stack = new TestStack(home, portOffset)
  const down = async () => void (await stack.must('down', ...(stack.inContainers ? ['--purge'] : [])))
  try {
    await stack.must('up', '--detach')
  } catch (error) {
    await down().catch(() => {})
    throw error
  }
  project.provide('home', home)
  project.provide('portOffset', portOffset)
  return async () => {
    await down()
    // Logs of a failed run are what a person needs next.
    if (process.exitCode === undefined || process.exitCode === 0) await rm(home, { recursive: true, force: true })
  }
}
