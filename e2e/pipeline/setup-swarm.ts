/** As `setup.ts`, with the services in a swarm: one of a single node is made where the engine is in none, and ended again. */
import type { TestProject } from 'vitest/node'
import { share } from './setup.ts'
import { docker } from './stack.ts'

const portOffset = 17_000

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  process.env.AVIARY_RUNTIME = 'swarm'
  const before = (await docker('info', '--format', '{{.Swarm.LocalNodeState}}')).trim()
  if (before !== 'active') await docker('swarm', 'init', '--advertise-addr', '127.0.0.1')
  const leave = async () => {
    if (before !== 'active') await docker('swarm', 'leave', '--force')
  }
  try {
    const down = await share(project, portOffset)
    return () => down().finally(leave)
  } catch (error) {
    await leave()
    throw error
  }
}
