/** As `setup.ts`, with the services in containers. */
import type { TestProject } from 'vitest/node'
import { share } from './setup.ts'

const portOffset = 15_000

export default function setup(project: TestProject): Promise<() => Promise<void>> {
  process.env.AVIARY_RUNTIME = 'docker'
  return share(project, portOffset)
}
